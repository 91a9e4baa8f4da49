package auth

// CodeAt is the code of a time step, for tests that play the app.
func CodeAt(secret []byte, step int64) string { return codeAt(secret, step) }
