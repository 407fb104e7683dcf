// does: up to the connection: the first request is sent to a server that hangs up, retries and gives up
// packages: kafkajs
// peers: closing
'use strict';
const assert = require('node:assert/strict');
const { Kafka, KafkaJSNumberOfRetriesExceeded, logLevel } = require('kafkajs');
console.log('COMPAT LOADED');

async function main() {
  const kafka = new Kafka({ brokers: [`127.0.0.1:${process.env.COMPAT_CLOSING}`], logLevel: logLevel.NOTHING, retry: { retries: 1, initialRetryTime: 10 } });
  await assert.rejects(kafka.producer().connect(), KafkaJSNumberOfRetriesExceeded);
  await assert.rejects(kafka.admin().connect(), KafkaJSNumberOfRetriesExceeded);
  console.log('COMPAT OK kafkajs');
}
main();
