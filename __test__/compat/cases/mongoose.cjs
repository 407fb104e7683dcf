// does: schemas, validation, virtuals, hooks, documents saved and found (against a small server that speaks the protocol)
// packages: mongoose
// peers: mongodb
'use strict';
const assert = require('node:assert/strict');
const mongoose = require('mongoose');
console.log('COMPAT LOADED');

const schema = new mongoose.Schema({ name: { type: String, required: true, trim: true }, age: { type: Number, min: 0 }, tags: [String] }, { timestamps: true });
schema.virtual('shout').get(function () {
  return this.name.toUpperCase();
});
schema.pre('save', function () {
  this.tags.push('saved');
});
schema.methods.older = function (years) {
  return this.age + years;
};

async function main() {
  await mongoose.connect(`mongodb://127.0.0.1:${process.env.COMPAT_MONGODB}/compat?directConnection=true`, { autoIndex: false, autoCreate: false });
  const Person = mongoose.model('Person', schema);
  await assert.rejects(new Person({ age: -1 }).save(), (error) => error instanceof mongoose.Error.ValidationError && Object.keys(error.errors).length === 2);
  const saved = await Person.create({ name: ' ann ', age: 7 });
  assert.deepEqual([saved.name, saved.shout, saved.older(3), saved.tags.toObject()], ['ann', 'ANN', 10, ['saved']]);
  const found = await Person.findOne({ _id: saved._id });
  assert.equal(found.name, 'ann');
  assert.ok(found.createdAt instanceof Date);
  found.age = 8;
  await found.save();
  assert.equal((await Person.findById(saved._id)).age, 8);
  await mongoose.disconnect();
  console.log('COMPAT OK mongoose');
}
main();
