/* The command `qiaomen` from enrolment to an exported queue, as a grid worker would use it. */
import { strict as assert } from 'node:assert'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { must, Outcome, run } from './lib/command'
import { COUNTY, GRID, homes, HOST, Site } from './lib/site'
import { qiaomen, qiaomend } from './lib/where'
import { entryRead, receiptVerify, vkeyRead, vkeyText } from './lib/wire'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site?.stop())

type Json = Record<string, unknown>

/** One worker's phone: the command with a data folder of its own. */
class Phone {
  private constructor(readonly home: string) {}

  run(...args: string[]): Promise<Outcome> {
    return run(qiaomen, [...args, '--home', this.home, '--lang', 'en'])
  }

  async ok(...args: string[]): Promise<Json> {
    const got = await this.run(...args, '--json')
    assert.equal(got.code, 0, `${args.join(' ')}: ${got.stdout}${got.stderr}`)
    return JSON.parse(got.stdout) as Json
  }

  static async enrolled(name: string, account: string): Promise<Phone> {
    const phone = new Phone(join(site.dir, name))
    await phone.ok('enrol', '--server', site.url, '--host', HOST, '--code', await site.code(account))
    await phone.ok('sync')
    return phone
  }

  static bare(name: string): Phone {
    return new Phone(join(site.dir, name))
  }
}

const home = homes[0]!
const visit = (phone: Phone, household: string): Promise<Json> =>
  phone.ok('visit', household, '--outcome', 'met', '--topics', 'order-brushing', '--near', 'yes', '--secs', '300')

describe('a day at the doors', () => {
  let phone: Phone
  let pledge: Json
  before(async () => {
    phone = await Phone.enrolled('w1', 'W0001')
  })

  test('the list holds the own grid, with what is left', async () => {
    const list = await phone.ok('list')
    const rows = list['households'] as Json[]
    assert.equal(rows.length, homes.filter((h) => h.grid === GRID).length)
    const one = rows.find((row) => row['household'] === home.household)!
    assert.deepEqual([one['visited'], one['pledge'], one['head']], [false, 'none', '王户主'])
  })

  test('records wait without a network and are there after it', async () => {
    await visit(phone, home.household)
    await phone.ok('notice', home.household, '--state', 'signed', '--text', 'notice-2026-1')
    const png = join(site.dir, 'paper.png')
    writeFileSync(png, Buffer.from('89504e470d0a1a0a0000000d4948445200', 'hex'))
    pledge = await phone.ok('pledge', home.household, '--resident', home.people[0]!.resident, '--text', 'pledge-2026-1', '--evidence', png, '--signer', '王一', '--relation', 'self')
    await phone.ok('app', home.household, '--resident', home.people[0]!.resident, '--state', 'installed', '--real-name', '--call-alert', '--sms-alert')
    assert.equal((await phone.ok('status'))['waiting'], 4)
    assert.equal((await site.counters())['visited'], 0)
  })

  test('sync confirms them, and the village\u2019s figures are right at once', async () => {
    const report = await phone.ok('sync')
    assert.deepEqual([report['confirmed'], report['held'], report['rejected'], report['photos']], [4, 0, 0, 1])
    const status = await phone.ok('status')
    assert.deepEqual([status['waiting'], status['confirmed'], status['photos_waiting']], [0, 4, 0])
    const now = await site.counters()
    assert.deepEqual([now['visited'], now['notice_signed'], now['pledge'], now['app_all']], [1, 1, 1, 1])
    await site.recount()
  })

  test('both receipts hold for `verify` and for the tests\u2019 own reading; altered ones do not', async () => {
    const status = await phone.ok('status')
    const logKey = status['log_key'] as string
    assert.equal(logKey, vkeyText(site.logKey))
    const receipt = await phone.run('receipt', pledge['event'] as string)
    const single = await phone.run('receipt', pledge['event'] as string, '--single')
    const entry = entryRead(receiptVerify(receipt.stdout, site.logKey).extra)
    assert.equal(entry.type, 'batch/v1')
    const event = receiptVerify(single.stdout, vkeyRead(status['device_key'] as string))
    assert.equal((JSON.parse(event.extra.toString('utf8')) as Json)['id'], pledge['event'])

    const file = join(site.dir, 'receipt')
    writeFileSync(file, receipt.stdout)
    assert.equal((await phone.run('verify', '--key', logKey, file)).code, 0)
    assert.notEqual((await phone.run('verify', '--key', status['device_key'] as string, file)).code, 0)
    const bytes = readFileSync(file)
    for (let i = 0; i < bytes.length; i += 37) {
      const altered = Buffer.from(bytes)
      altered[i] = altered[i]! ^ 1
      writeFileSync(file, altered)
      assert.notEqual((await phone.run('verify', '--key', logKey, file)).code, 0, `byte ${i}`)
    }
  })

  test('a void takes a visit back', async () => {
    const wrong = await visit(phone, homes[2]!.household)
    await phone.ok('sync')
    assert.equal((await site.counters())['visited'], 2)
    await phone.ok('void', wrong['event'] as string, '--reason', 'wrong-door')
    await phone.ok('sync')
    assert.equal((await site.counters())['visited'], 1)
  })

  test('a household found at the door is worked on at once', async () => {
    const before = (await site.counters())['homes']!
    const found = await phone.ok('household', '--why', 'found', '--name', '新户主', '--door', '新1号')
    await visit(phone, found['household'] as string)
    await phone.ok('sync')
    const now = await site.counters()
    assert.deepEqual([now['homes'], now['visited']], [before + 1, 2])
  })

  test('words that the contract does not have are refused before they are recorded', async () => {
    for (const args of [
      ['visit', home.household, '--outcome', 'danced'],
      ['notice', home.household, '--state', 'burnt'],
      ['pledge', home.household, '--resident', home.people[0]!.resident, '--state', 'signed', '--evidence', 'nothing'],
      ['void', 'no-event', '--reason', 'x'],
    ])
      assert.notEqual((await phone.run(...args)).code, 0, args.join(' '))
    const said = await phone.run('visit', home.household)
    assert.match(said.stderr, /outcome: met no_adult absent .*none/, 'it says what fits')
    assert.match((await phone.run('attach', '/etc/passwd')).stderr, /JPEG/)
    assert.equal((await phone.run('list', '--grid', '123')).code, 2)
    assert.equal((await phone.ok('status'))['waiting'], 0)
  })
})

test('a door that refused is not left, and stands in the list as it is; until then it is for the apps of those who live there', async () => {
  const phone = await Phone.enrolled('w5', 'W0001')
  const { household, people } = homes[50]!
  const left = async (): Promise<boolean> =>
    ((await phone.ok('list', '--left'))['households'] as Json[]).some((row) => row['household'] === household)
  assert.equal(await left(), true)
  const line = async (): Promise<string> => (await phone.run('list', household)).stdout
  assert.match(await line(), / to visit .* app to install/)
  await phone.ok('visit', household, '--outcome', 'refused')
  await phone.ok('notice', household, '--state', 'refused', '--text', 'notice-2026-1')
  await phone.ok('pledge', household, '--resident', homes[50]!.people[0]!.resident, '--state', 'refused', '--text', 'pledge-2026-1')
  await phone.ok('sync', '--now')
  assert.equal(await left(), true)
  for (const { resident } of people) await phone.ok('app', household, '--resident', resident, '--state', 'refused')
  await phone.ok('sync', '--now')
  assert.equal(await left(), false)
  assert.doesNotMatch(await line(), /to visit|to install/)
  const all = (await phone.ok('list'))['households'] as Json[]
  assert.equal(all.find((row) => row['household'] === household)!['door_state'], 'refused')
})

test('held records are listed with what to do, and become confirmed when the office decides', async () => {
  const phone = await Phone.enrolled('w4', 'W0004')
  const far = homes[4]!
  const done = await phone.ok('visit', far.household, '--grid', GRID, '--outcome', 'met', '--near', 'yes', '--secs', '60')
  await phone.ok('sync')
  const held = (await phone.ok('status', '--state', 'held'))['records'] as Json[]
  assert.deepEqual([held.length, held[0]!['event'], held[0]!['code']], [1, done['event'], 'scope'])
  assert.ok((held[0]!['todo'] as string).length > 10)
  await site.admin('decide', 'in', '--county', COUNTY, '--by', 'A0001', '--code', 'helped-out', done['event'] as string)
  await phone.ok('sync')
  const status = await phone.ok('status')
  assert.deepEqual([status['held'], status['confirmed']], [0, 1])
})

test('photos beyond a day\u2019s bytes wait by themselves: records go out and the list comes, and it is said why', async () => {
  const phone = await Phone.enrolled('pictures', 'W0001')
  const attach = async (fill: number): Promise<void> => {
    const file = join(site.dir, `picture-${fill}.png`)
    writeFileSync(file, Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64, fill)]))
    await phone.ok('attach', file)
  }
  await attach(1)
  assert.equal((await phone.ok('sync'))['photos'], 1)
  const device = (await phone.ok('status'))['device'] as string
  const spend = (bytes: number): Promise<unknown> => site.pg.sql(`UPDATE qm.device SET blob_bytes = ${bytes} WHERE device = '${device.slice(-36)}'`)
  await spend(209715200)
  await attach(2)
  await attach(3)
  for (const at of [51, 52]) {
    const { household } = homes[at]!
    await visit(phone, household)
    const report = await phone.ok('sync')
    assert.deepEqual([report['confirmed'], report['photos'], report['photos_why']], [1, 0, 'quota-exceeded'])
    assert.ok(Math.abs((report['photos_next'] as number) - Date.now() - 3_600_000) < 300_000, JSON.stringify(report))
    const seen = ((await phone.ok('list', household))['households'] as Json[])[0]!
    assert.equal(seen['visited'], true, 'the office\u2019s list came')
  }
  const status = await phone.ok('status')
  assert.deepEqual([status['photos_waiting'], status['photos_why'], status['why'], status['next']], [2, 'quota-exceeded', '', 0])
  assert.match((await phone.run('status')).stdout, /^photos waiting 2 {2}as many photos were sent as a day allows; again after 20/m)
  assert.match((await phone.run('sync')).stdout, /^photos still wait: as many photos/m)
  await spend(0)
  const last = await phone.ok('sync', '--now')
  assert.deepEqual([last['photos'], last['photos_why']], [2, ''])
})

test('kill -9 in the middle of everything loses and doubles nothing', async () => {
  const phone = await Phone.enrolled('w2', 'W0002')
  const before = (await site.counters())['visits']!
  let recorded = 0
  for (let i = 0; i < 6; i++) {
    await visit(phone, homes[10 + i]!.household)
    recorded++
    await run('timeout', ['-s', 'KILL', `0.0${i + 1}`, qiaomen, 'sync', '--now', '--home', phone.home])
  }
  await phone.ok('sync', '--now')
  const status = await phone.ok('status')
  assert.deepEqual([status['waiting'], status['confirmed']], [0, recorded])
  assert.equal((await site.counters())['visits'], before + recorded)
})

test('a server that is away: exit code 4, nothing is lost, the next sync sends it', async () => {
  const phone = await Phone.enrolled('w3', 'W0003')
  await visit(phone, homes[60]!.household)
  const port = site.port
  await site.end('SIGTERM')
  const away = await phone.run('sync')
  assert.equal(away.code, 4, away.stdout + away.stderr)
  assert.deepEqual([(await phone.ok('status'))['waiting'], (await phone.ok('status'))['why']], [1, 'offline'])
  assert.match((await phone.run('status')).stdout, /^the last sync failed: The server cannot be reached now; again after 20/m)
  await site.serve()
  if (site.port !== port) await phone.ok('move', '--server', site.url)
  await phone.ok('sync', '--now')
  assert.deepEqual([(await phone.ok('status'))['waiting'], (await phone.ok('status'))['confirmed']], [0, 1])
})

test('an unsent queue goes to another phone as a sealed file, and stays the first phone\u2019s', async () => {
  const from = await Phone.enrolled('old', 'W0001')
  const to = await Phone.enrolled('new', 'W0002')
  const before = (await site.counters())['visits']!
  await visit(from, homes[20]!.household)
  await visit(from, homes[21]!.household)
  const file = join(site.dir, 'queue')
  const secret = join(site.dir, 'passphrase')
  writeFileSync(secret, 'correct horse battery\n')
  assert.equal((await from.ok('outbox', 'export', file, '--passphrase-file', secret))['records'], 2)
  assert.doesNotMatch(readFileSync(file).toString('latin1'), /met|140522/)
  writeFileSync(join(site.dir, 'wrong'), 'wrong horse battery\n')
  assert.notEqual((await to.run('outbox', 'import', file, '--passphrase-file', join(site.dir, 'wrong'))).code, 0)
  assert.equal((await to.ok('outbox', 'import', file, '--passphrase-file', secret))['records'], 2)
  assert.match((await to.run('status')).stdout, /another device, waiting 2/)
  await to.ok('sync', '--now')
  assert.equal((await site.counters())['visits'], before + 2)
  await from.ok('sync', '--now')
  assert.equal((await site.counters())['visits'], before + 2)
  assert.equal((await from.ok('status'))['confirmed'], 2)
  await site.recount()
})

test('not enrolled, a used code, and a second enrolment are said plainly', async () => {
  const phone = Phone.bare('fresh')
  assert.equal((await phone.run('sync')).code, 3)
  const code = await site.code('W0001')
  await phone.ok('enrol', '--server', site.url, '--host', HOST, '--code', code)
  const used = await Phone.bare('second').run('enrol', '--server', site.url, '--host', HOST, '--code', code)
  assert.notEqual(used.code, 0)
  assert.match(used.stdout + used.stderr, /code/)
  const twice = await phone.run('enrol', '--server', site.url, '--host', HOST, '--code', code)
  assert.equal(twice.code, 1)
  assert.match(twice.stderr, /enrolled already \(enrolled already as .*\n {2}-> .*--home/)
})

test('the office\u2019s link enrols by itself; what is wrong with a code or a host is said in words of an enrolment', async () => {
  const phone = Phone.bare('link')
  const link = (code: string): string => `${site.url}/app/#enrol=${code}`
  for (const [args, what] of [
    [[], /link of the office is needed, or --server and --code[^]*-> See qiaomen enrol --help/],
    [[`${site.url}/app/`], /not a link to enrol/],
    [[link('140522.x')], /code: not <6 digits>/],
    [[`https://${'x'.repeat(600)}/app/#enrol=140522.x`], /not a link to enrol/],
    [['--server', `${site.url}${'/'.repeat(600)}`, '--code', '140522.AAAAAAAAAAAAAAAAAAAAAA'], /server: not http/],
    [[link('140522.AAAAAAAAAAAAAAAAAAAAAA'), '--host', HOST], /code is not right, was used, or is older[^]*ask the office for a new one/],
    [[link(await site.code('W0001'))], /another host name[^]*-> .*--host/],
  ] as const) {
    const got = await phone.run('enrol', ...args)
    assert.deepEqual([got.code === 0, what.test(got.stderr), /records? /.test(got.stderr)], [false, true, false], got.stderr)
  }
  assert.equal((await phone.ok('enrol', link(await site.code('W0001')), '--host', HOST))['account'], 'W0001')
})

test('a command that needs an enrolled device says so, whatever else is asked', async () => {
  const phone = Phone.bare('nobody')
  for (const args of [['visit', 'x', '--outcome', 'met'], ['list', '--find', 'x'], ['attach', 'x'], ['receipt', 'x'], ['outbox', 'import', 'x'], ['rotate'], ['move', '--server', site.url]]) {
    const got = await phone.run(...args)
    assert.deepEqual([got.code, /not enrolled[^]*Enrol first/.test(got.stderr)], [3, true], args.join(' ') + got.stderr)
  }
  assert.equal((await phone.run('status')).code, 0)
})

test('a first enrolment without a server does not speak of records', async () => {
  const got = await Phone.bare('unborn').run('enrol', '--server', 'http://127.0.0.1:1', '--host', HOST, '--code', await site.code('W0001'))
  assert.equal(got.code, 4)
  assert.match(got.stderr, /not enrolled yet.*the same code/)
  assert.doesNotMatch(got.stderr, /records are on this device/)
})

test('a server whose certificate is not to be trusted is not said to be away', async () => {
  const key = join(site.dir, 'tls.key')
  const cert = join(site.dir, 'tls.crt')
  await must('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=other.example', '-addext', 'subjectAltName=DNS:other.example'])
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const args = ['enrol', '--server', url, '--host', HOST, '--code', await site.code('W0001'), '--home', join(site.dir, 'tls')]
    const unknown = await run(qiaomen, [...args, '--lang', 'en'])
    assert.equal(unknown.code, 4)
    assert.match(unknown.stderr, /could not be identified.*certificate is not to be trusted: .*\n {2}-> .*clock.*address.*QIAOMEN_CA_FILE/)
    const elsewhere = await run(qiaomen, [...args, '--lang', 'zh'], { env: { QIAOMEN_CA_FILE: cert } })
    assert.equal(elsewhere.code, 4)
    assert.match(elsewhere.stderr, /服务器的证书不可信:.*127\.0\.0\.1/, 'the authority is known, the name is another')
    // The words of a later sync are the same, and it is asked again in the usual pace.
    const phone = await Phone.enrolled('moved', 'W0001')
    await phone.ok('move', '--server', url)
    const sync = await phone.run('sync', '--now')
    assert.deepEqual([sync.code, /could not be identified/.test(sync.stderr)], [4, true], sync.stderr)
    assert.match((await run(qiaomen, ['sync', '--home', phone.home, '--lang', 'zh'])).stderr, /还要等 \d+ 秒,原因:offline/)
  } finally {
    server.close()
  }
})

test('a revoked phone stops and keeps everything', async () => {
  const phone = await Phone.enrolled('lost', 'W0001')
  await visit(phone, homes[30]!.household)
  const device = (await phone.ok('status'))['device'] as string
  const at = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
  for (const wrong of [at(Date.now() + 120_000), '2026-02-30 10:00', '2026-1-1 1:00', 'yesterday', '2026-01-01 10:00 '])
    await assert.rejects(site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', device, '--lost', wrong), /--lost: when it was lost/)
  await site.admin('revoke', '--county', COUNTY, '--by', 'A0001', '--device', device, '--lost', at(Date.now() - 60_000))
  await phone.run('sync', '--now')
  const status = await phone.ok('status')
  assert.deepEqual([status['held'], status['waiting'], status['stopped']], [1, 0, 'revoked'])
  assert.equal((await phone.run('sync', '--now')).code, 5)
})

test('a rotated key goes on where the old one was', async () => {
  const phone = await Phone.enrolled('rotating', 'W0001')
  await visit(phone, homes[31]!.household)
  await phone.ok('rotate')
  await phone.ok('sync', '--now')
  const status = await phone.ok('status')
  assert.deepEqual([status['waiting'], status['confirmed'], status['flagged']], [0, 1, 0])
})

test('output that could not be written is no success', async () => {
  const phone = Phone.bare('full')
  for (const args of [['--help'], ['status'], ['status', '--json']]) {
    const got = await run('sh', ['-c', '"$@" >/dev/full', 'sh', qiaomen, ...args, '--home', phone.home])
    assert.deepEqual([got.code, /No space left/.test(got.stderr)], [7, true], args.join(' '))
  }
})

test('a file that cannot be read is not said to be wrong', async () => {
  const phone = Phone.bare('reader')
  const key = (await run(qiaomen, ['verify', '--key', 'none', '/nowhere/at/all'])).stderr
  assert.match(key, /not a verifier key/)
  const gone = await run(qiaomen, ['verify', '--key', vkeyText(site.logKey), '/nowhere/at/all', '--home', phone.home])
  assert.equal(gone.code, 7)
  assert.doesNotMatch(gone.stderr, /does not hold/)
})

test('a queue that the disk has no room for says so, and leaves no half file', async () => {
  const phone = await Phone.enrolled('narrow', 'W0001')
  await visit(phone, homes[40]!.household)
  const file = join(site.dir, 'narrow-queue')
  const photo = join(site.dir, 'large.png')
  writeFileSync(photo, Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(200_000, 7)]))
  await phone.ok('attach', photo)
  // 64 KiB: enough for what the outbox writes, not for the picture.
  const got = await run('sh', ['-c', 'ulimit -f 128; "$@"', 'sh', qiaomen, 'outbox', 'export', file, '--home', phone.home], {
    env: { QIAOMEN_PASSPHRASE: 'correct horse battery' },
  })
  assert.equal(got.code, 7, got.stderr)
  assert.match(got.stderr, /narrow-queue: File too large/)
  assert.equal(existsSync(file), false)
})

test('options: one that is none, one without its value, a language that is none, help', async () => {
  const phoneHome = (await Phone.enrolled('options', 'W0001')).home
  for (const [args, what] of [
    [['--foo', 'x'], /no such option.*foo/],
    [['visit', '--outcome'], /needs a value: outcome/],
    [['visit', '--outcome', '--home', 'x'], /needs a value: outcome\n {2}-> See qiaomen visit --help/],
    [['attach', '/nowhere', '--home', phoneHome], /\/nowhere: No such file/],
    [['visit', '王', '--outcome', 'met', '--home', phoneHome], /… in all \d+\n.*several fit[^]*-> See qiaomen list/],
    [['--lang', 'fr', 'status'], /zh or en/],
    [['list', '--json', '--home', join(site.dir, 'nobody')], /not-enrolled/],
  ] as const) {
    const got = await run(qiaomen, [...args])
    assert.notEqual(got.code, 0)
    assert.match(got.stdout + got.stderr, what)
  }
  const whole = (await run(qiaomen, ['-h', '--lang', 'en'])).stdout
  const visit = (await run(qiaomen, ['visit', '--help', '--lang', 'en'])).stdout
  assert.match(visit, /^ {2}visit HOUSEHOLD[^]*--via door/)
  assert.doesNotMatch(visit, /^ {2}(sync|audit|void) /m)
  for (const line of visit.trimEnd().split('\n')) assert.ok(whole.includes(`${line}\n`), line)
  assert.equal((await run(qiaomen, ['help', 'sync', '--lang', 'en'])).stdout.split('\n').length, 2)
  assert.equal((await run(qiaomen, ['dance', '--help'])).code, 2)
  for (const program of [qiaomen, qiaomend])
    assert.match((await run(program, ['--version'])).stdout, /^qiaomend? \d+\.\d+\.\d+\n$/)
})

test('--json: whatever is asked, stdout is exactly one object, and nothing else is said', async () => {
  const phone = await Phone.enrolled('objects', 'W0001')
  const bare = Phone.bare('no-objects')
  const asked: [Phone, number, ...string[]][] = [
    [bare, 0, '--help'], [bare, 0, 'help'], [bare, 0, 'help', 'visit'], [bare, 0, 'visit', '--help'], [bare, 0, '--version'], [bare, 0, 'status'],
    [bare, 2], [bare, 2, 'dance'], [bare, 2, 'help', 'dance'], [bare, 2, '--foo'], [bare, 2, 'enrol'],
    [bare, 2, 'verify'], [bare, 2, 'audit'], [bare, 3, 'sync'], [bare, 4, 'enrol', '--server', 'http://127.0.0.1:1', '--host', HOST, '--code', await site.code('W0001')],
    [phone, 0, 'list'], [phone, 0, 'list', '--left', '--all'], [phone, 0, 'status', '--state', 'all'], [phone, 0, 'sync', '--now'],
    [phone, 2, 'visit'], [phone, 2, 'visit', 'a'], [phone, 2, 'visit', '户', '--outcome', 'met'], [phone, 2, 'list', '--grid', '1'], [phone, 2, 'status', '--state', 'x'],
    [phone, 2, 'outbox'], [phone, 2, 'outbox', 'sell', 'x'], [phone, 7, 'outbox', 'import', '/nowhere', '--passphrase-file', '/nowhere'],
    [phone, 2, 'receipt', 'x'], [phone, 2, 'attach'], [phone, 7, 'attach', '/nowhere'], [phone, 2, 'attach', '/etc/passwd'], [phone, 2, 'void', 'x', '--reason', 'wrong-door'],
    [phone, 2, 'move'], [phone, 2, 'move', '--server', 'nowhere'],
  ]
  for (const [who, code, ...args] of asked) {
    const got = await who.run(...args, '--json')
    assert.deepEqual([got.code, got.stderr], [code, ''], `${args.join(' ')}: ${got.stdout}${got.stderr}`)
    assert.equal((JSON.parse(got.stdout) as Json)['ok'], code === 0, args.join(' '))
  }
  const help = JSON.parse((await bare.run('visit', '--help', '--json')).stdout) as Json
  assert.equal(help['help'], (await bare.run('visit', '--help')).stdout)
  assert.match((JSON.parse((await bare.run('--version', '--json')).stdout) as Json)['version'] as string, /^\d+\.\d+\.\d+$/)
})

/** The command with a terminal of its own; the language is the locale's. */
async function inTerminal(locale: Record<string, string>, ...args: string[]): Promise<{ code: number; seen: string }> {
  const shell = [qiaomen, ...args].map((word) => `'${word}'`).join(' ')
  const got = await run('script', ['-qec', shell, '/dev/null'], { env: { LC_ALL: '', LC_MESSAGES: '', ...locale } })
  return { code: got.code, seen: got.stdout }
}

test('in a terminal a bar goes along with each part of a sync, in the words of the locale', async () => {
  const phone = await Phone.enrolled('terminal', 'W0001')
  for (const [locale, records, photos, result] of [
    [{ LANG: 'zh_CN.UTF-8' }, '记录', '照片', /^已入账 2 {2}待核实 0 /m],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C.UTF-8' }, 'records', 'photos', /^confirmed 2 {2}held 0 /m],
  ] as const) {
    for (const at of [53, 54]) await visit(phone, homes[at]!.household)
    const file = join(site.dir, 'bar.png')
    writeFileSync(file, Buffer.from(`89504e470d0a1a0a${Buffer.from(records).toString('hex')}`, 'hex'))
    await phone.ok('attach', file)
    const { code, seen } = await inTerminal(locale, 'sync', '--home', phone.home)
    assert.equal(code, 0, seen)
    const full = `[${'#'.repeat(30)}]`
    const lines = seen.split('\r\n')
    assert.deepEqual(lines.slice(0, 2), [`\r${full} 2/2 ${records} `, `\r${full} 1/1 ${photos} `], JSON.stringify(seen))
    assert.match(lines.slice(2).join('\n'), result, JSON.stringify(seen))
  }
})

test('the language is that of the locale, as every program has it: LC_ALL, then LC_MESSAGES, then LANG; --lang over all', async () => {
  for (const [locale, more, language] of [
    [{ LANG: 'zh_CN.UTF-8' }, [], 'zh'],
    [{ LANG: 'zh_TW' }, [], 'zh'],
    [{ LANG: 'de_DE.UTF-8' }, [], 'en'],
    [{ LANG: '' }, [], 'en'],
    [{ LANG: 'zh_CN.UTF-8', LC_MESSAGES: 'en_US.UTF-8' }, [], 'en'],
    [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_CN.UTF-8' }, [], 'zh'],
    [{ LANG: 'zh_CN.UTF-8', LC_MESSAGES: 'zh_CN.UTF-8', LC_ALL: 'C.UTF-8' }, [], 'en'],
    [{ LANG: 'C', LC_MESSAGES: 'C', LC_ALL: 'zh_CN.UTF-8' }, [], 'zh'],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'zh_CN.UTF-8' }, ['--lang', 'en'], 'en'],
  ] as const) {
    const { seen } = await inTerminal(locale, 'help', 'sync', ...more)
    assert.match(seen, language === 'zh' ? /上传并取回新内容/ : /send, and fetch what is new/, JSON.stringify(locale))
  }
})

test('Chinese and English', async () => {
  const phone = Phone.bare('words')
  const zh = await run(qiaomen, ['sync', '--home', phone.home, '--lang', 'zh'])
  assert.match(zh.stdout + zh.stderr, /登记/)
  assert.doesNotMatch(zh.stdout + zh.stderr, /哈希|默克尔|检查点/)
})
