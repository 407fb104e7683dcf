// does: 400 requests to controllers with injected providers, guards, pipes and interceptors (decorators applied by hand)
// packages: @nestjs/core, @nestjs/common, @nestjs/platform-express, reflect-metadata, rxjs, tslib
// misses: Node 20: a cycle between ES modules that are reached by require() is an error there.
'use strict';
require('reflect-metadata');
const { load } = require('./http-load.cjs');
const common = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { map } = require('rxjs');
const { __decorate, __param } = require('tslib');
console.log('COMPAT LOADED');

class CatsService {
  names = ['tom'];
  add(name) {
    return this.names.push(name);
  }
}
class TokenGuard {
  canActivate(context) {
    return context.switchToHttp().getRequest().headers.authorization === 'token';
  }
}
class Envelope {
  intercept(context, next) {
    return next.handle().pipe(map((data) => ({ data })));
  }
}
class CatsController {
  constructor(service) {
    this.service = service;
  }
  first() {
    return this.service.names[0];
  }
  square(n) {
    return n * n;
  }
  secret() {
    return 'fish';
  }
  add(body) {
    return { added: this.service.add(body.name) > 1 };
  }
}
const method = (name, ...decorators) => __decorate(decorators, CatsController.prototype, name, null);
method('first', common.Get());
method('square', common.Get('square/:n'), __param(0, common.Param('n', common.ParseIntPipe)));
method('secret', common.Get('secret'), common.UseGuards(TokenGuard));
method('add', common.Post(), __param(0, common.Body()));
__decorate([common.Injectable()], CatsService);
__decorate([common.Controller('cats'), common.UseInterceptors(Envelope), __param(0, common.Inject(CatsService))], CatsController);
class AppModule {
  isReady = true;
}
__decorate([common.Module({ controllers: [CatsController], providers: [CatsService] })], AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  await load(app.getHttpServer().address().port, [
    { path: '/cats', check: (reply) => reply.json().data === 'tom' },
    { path: '/cats/square/9', check: (reply) => reply.json().data === 81 },
    { path: '/cats/square/nine', check: (reply) => reply.status === 400 },
    { path: '/cats/secret', check: (reply) => reply.status === 403 },
    { path: '/cats/secret', headers: { authorization: 'token' }, check: (reply) => reply.json().data === 'fish' },
    { path: '/cats', json: { name: 'felix' }, check: (reply) => reply.status === 201 && reply.json().data.added },
  ]);
  await app.close();
  console.log('COMPAT OK nest');
}
main();
