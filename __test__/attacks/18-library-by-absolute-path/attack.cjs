process._rawDebug(require('./good.node').says, 'ran');
