// does: models, associations, validation, transactions, raw queries against PostgreSQL (compiled to WebAssembly, on a socket)
// packages: sequelize, pg
// peers: postgres
// grant: sequelize {"imports":["pg"]}
'use strict';
const assert = require('node:assert/strict');
const { DataTypes, Op, Sequelize, UniqueConstraintError } = require('sequelize');
console.log('COMPAT LOADED');

async function main() {
  const sequelize = new Sequelize({ dialect: 'postgres', host: '127.0.0.1', port: Number(process.env.COMPAT_POSTGRES), username: 'postgres', password: 'postgres', database: 'postgres', logging: false, pool: { max: 2 } });
  const User = sequelize.define('User', { name: { type: DataTypes.STRING, unique: true }, email: { type: DataTypes.STRING, validate: { isEmail: true } } });
  const Post = sequelize.define('Post', { title: DataTypes.STRING, data: DataTypes.JSONB });
  User.hasMany(Post);
  Post.belongsTo(User);
  await sequelize.sync({ force: true });
  await User.create({ name: 'ann', email: 'ann@example.com', Posts: [{ title: 'one', data: { n: 1 } }, { title: 'two', data: { n: 2 } }] }, { include: Post });
  await assert.rejects(User.create({ name: 'bob', email: 'no' }), { name: 'SequelizeValidationError' });
  await assert.rejects(User.create({ name: 'ann' }), UniqueConstraintError);
  await assert.rejects(
    sequelize.transaction(async (transaction) => {
      await User.create({ name: 'carl' }, { transaction });
      throw new Error('roll back');
    }),
    /roll back/,
  );
  assert.equal(await User.count(), 1);
  const found = await Post.findAll({ where: { 'data.n': { [Op.gt]: 1 } }, include: User });
  assert.deepEqual(found.map((post) => [post.title, post.User.name]), [['two', 'ann']]);
  const [rows] = await sequelize.query('SELECT :n::int + 1 AS n', { replacements: { n: 41 } });
  assert.equal(rows[0].n, 42);
  await sequelize.close();
  console.log('COMPAT OK sequelize');
}
main();
