// does: operators, subjects, schedulers, errors, marbles
// packages: rxjs
'use strict';
const assert = require('node:assert/strict');
const { BehaviorSubject, catchError, concatMap, firstValueFrom, from, interval, lastValueFrom, map, merge, of, scan, take, throwError, timer, toArray } = require('rxjs');
const { TestScheduler } = require('rxjs/testing');
console.log('COMPAT LOADED');

async function main() {
  assert.deepEqual(await lastValueFrom(interval(1).pipe(take(5), scan((a, b) => a + b, 0), toArray())), [0, 1, 3, 6, 10]);
  assert.deepEqual(await lastValueFrom(from([3, 1]).pipe(concatMap((n) => timer(n).pipe(map(() => n))), toArray())), [3, 1]);
  assert.equal(await firstValueFrom(throwError(() => new Error('x')).pipe(catchError(() => of('caught')))), 'caught');
  const subject = new BehaviorSubject(1);
  const seen = [];
  const subscription = merge(subject, from([9])).subscribe((value) => seen.push(value));
  subject.next(2);
  subscription.unsubscribe();
  subject.next(3);
  assert.deepEqual(seen, [1, 9, 2]);
  new TestScheduler((a, b) => assert.deepEqual(a, b)).run(({ cold, expectObservable }) => {
    expectObservable(cold('a-b|', { a: 1, b: 2 }).pipe(map((n) => n * 10))).toBe('a-b|', { a: 10, b: 20 });
  });
  console.log('COMPAT OK rxjs');
}
main();
