package auth

// Provider is an OpenID Connect provider.
type Provider struct{}
