// does: signed requests: put, get, list, delete, errors, a presigned form of the address (against a small bucket)
// packages: @aws-sdk/client-s3
// peers: web
import assert from 'node:assert/strict';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
console.log('COMPAT LOADED');

const client = new S3Client({
  endpoint: `http://127.0.0.1:${process.env.COMPAT_WEB}`,
  region: 'eu-west-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
});
await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a/b.txt', Body: 'hello' }));
await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'c.bin', Body: Buffer.alloc(100_000, 1) }));
const got = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a/b.txt' }));
assert.equal(await got.Body.transformToString(), 'hello');
const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
assert.deepEqual(Contents.map(({ Key, Size }) => [Key, Size]), [['a/b.txt', 5], ['c.bin', 100_000]]);
for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key }));
await assert.rejects(client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a/b.txt' })), NoSuchKey);
client.destroy();
console.log('COMPAT OK aws-sdk-s3');
