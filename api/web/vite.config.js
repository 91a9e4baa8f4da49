// Builds src/ into dist/ with names that change with the content, and a
// manifest.json that tells the Go package which file became what.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig } from 'vite'

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname

// Class names that templates and islands mention: the only ones of KERN's
// 340 kB that are shipped.
function usedClasses() {
  const files = ['templates', 'src'].flatMap((dir) =>
    readdirSync(join(here, dir)).map((name) => readFileSync(join(here, dir, name), 'utf8')))
  return new Set(files.join('\n').match(/kern-[a-z0-9_-]+/g))
}

// A PostCSS plugin that drops rules about KERN classes nobody uses. What
// stands inside :not(…) does not count: it only narrows a rule.
function onlyUsed(used) {
  const dead = (selector) =>
    (selector.replace(/:not\((?:[^()]|\([^()]*\))*\)/g, '').match(/\.kern-[a-z0-9_-]+/g) ?? [])
      .some((name) => !used.has(name.slice(1)))
  return {
    postcssPlugin: 'only-used-kern-classes',
    Rule(rule) {
      if (rule.parent?.type === 'atrule' && /keyframes$/.test(rule.parent.name)) return
      if (!rule.selector.includes('.kern-') || /:is\(|:where\(/.test(rule.selector)) return
      const kept = rule.selectors.filter((selector) => !dead(selector))
      if (kept.length === 0) rule.remove()
      else if (kept.length < rule.selectors.length) rule.selectors = kept
    },
    AtRuleExit(rule) {
      if (rule.nodes?.length === 0 && rule.name === 'media') rule.remove()
    },
  }
}

// Writes .br and .gz beside every text file, so that the server only copies.
function precompress() {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle() {
      const dist = join(here, 'dist')
      for (const name of readdirSync(dist)) {
        if (!/\.(js|mjs|css|svg)$/.test(name)) continue
        const raw = readFileSync(join(dist, name))
        writeFileSync(join(dist, name + '.br'), brotliCompressSync(raw, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
        }))
        writeFileSync(join(dist, name + '.gz'), gzipSync(raw, { level: 9 }))
      }
      writeFileSync(join(dist, '.gitkeep'), '')
    },
  }
}

export default defineConfig({
  root: here,
  base: '/assets/',
  publicDir: false,
  css: { postcss: { plugins: [onlyUsed(usedClasses())] } },
  worker: { format: 'es' },
  plugins: [precompress()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: '',
    assetsInlineLimit: 0,
    manifest: 'manifest.json',
    modulePreload: false,
    target: 'es2022',
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: ['src/site.css', 'src/staff.css', 'src/staff.ts', 'src/map.css', 'src/map.ts', 'src/preview.ts', 'src/booking.css', 'src/booking.ts', 'src/booking_proof.ts', 'src/rooms.css', 'src/rules.css', 'src/rules.ts', 'src/stations_staff.css', 'src/stations_staff.ts', 'src/stations.css', 'src/stations.ts', 'src/planning.css', 'src/planning.ts'],
      output: { entryFileNames: '[name]-[hash].js', chunkFileNames: '[name]-[hash].js', assetFileNames: '[name]-[hash][extname]' },
    },
  },
})
