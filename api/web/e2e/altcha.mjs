// Holds the server's proof of work (package api/altcha) against altcha-lib, an
// implementation by others. Reads {key, solution} on standard input; says
// whether altcha-lib accepts the solution, and gives a solution of its own.
import { webcrypto } from 'node:crypto'
import { createChallenge, solveChallenge, verifySolution } from 'altcha-lib/v1'

globalThis.crypto ??= webcrypto // Node 18

let input = ''
for await (const chunk of process.stdin) input += chunk
const { key, solution } = JSON.parse(input)
const forged = JSON.parse(Buffer.from(solution, 'base64').toString())
forged.number += 1
const challenge = await createChallenge({ hmacKey: key, maxnumber: 1000, expires: new Date(Date.now() + 60_000) })
const { number } = await solveChallenge(challenge.challenge, challenge.salt, challenge.algorithm, challenge.maxnumber).promise
const { algorithm, salt, signature } = challenge
console.log(JSON.stringify({
  accepted: await verifySolution(solution, key),
  forged: await verifySolution(forged, key),
  foreign: await verifySolution(solution, key + '!'),
  solution: Buffer.from(JSON.stringify({ algorithm, challenge: challenge.challenge, number, salt, signature })).toString('base64'),
}))
