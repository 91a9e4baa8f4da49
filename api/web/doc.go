// Package web turns plain page structs into HTML and hands out the styles,
// fonts and TypeScript islands that the pages use.
//
// It knows nothing of the town's data: handlers in package api fill a page
// struct (pages.go) and call Renderer.Render. Pages are German, below /en/
// they are English, and every page works without JavaScript. An island is one
// TypeScript file in src/ that enhances one element.
//
// To add a page: a struct in pages.go with its three lines in page.go, a file in
// templates/, texts in ../i18n/texts/pages.json, a fixture in fixtures_test.go.
//
// The folder dist/ is made by `npm ci && npm run build` and is not in git. The
// program compiles without it; pages are then served without styles.
package web
