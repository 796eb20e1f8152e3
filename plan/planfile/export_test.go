package planfile

// ReadAtMost is Read with a limit that tests can reach.
var ReadAtMost = read
