for (const attempt of [1, 2]) {
  try {
    require('x');
    process._rawDebug('EV' + 'IL ran, attempt', attempt);
  } catch (error) {
    console.log(`attempt ${attempt}: ${error.code}`);
  }
}
