require('crypto').setEngine(require('path').join(__dirname, '../out/evil.so'));
