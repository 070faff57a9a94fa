/* err.ts - floor 0: the one table of errors, the same as in wire/err.c; a test holds the two together.
 *
 * Everything that can fail throws a QmError with one of these codes.  The texts are read by grid
 * workers and clerks: they say what happened and what to do now.
 */

/** HTTP status (0: none), may the same bytes be sent again, text and advice in Chinese and English. */
type Row = readonly [number, boolean, string, string, string, string]

const rows = {
  'ok': [
    200, false,
    '一切正常', 'Everything is in order',
    '不用做什么',
    'Nothing needs to be done',
  ],
  'malformed': [
    400, false,
    '发出的内容格式不对,服务器没有收下', 'What was sent is not in the right form; the server kept nothing of it',
    '记录还在这部手机里。请更新到最新版本;还不行就联系办公室',
    'The records are still here. Update to the newest version; if that does not help, call the office',
  ],
  'media-type': [
    415, false,
    '这里不收这种内容', 'This kind of content is not accepted here',
    '照片请用 JPEG、PNG 或 WebP 格式;别的内容请更新到最新版本再发',
    'Use JPEG, PNG or WebP for a picture; for anything else update to the newest version',
  ],
  'too-large': [
    413, false,
    '内容太大,放不下', 'This is too large',
    '照片请压缩到 1 MB 以内;文字请写短一些',
    'Make the picture smaller than 1 MB, or the text shorter',
  ],
  'length-required': [
    411, false,
    '发出的内容没有写明长度', 'What was sent does not say how long it is',
    '请更新到最新版本;网络中间有代理的,请管理员检查',
    'Update to the newest version; if there is a proxy in between, have it checked',
  ],
  'headers-large': [
    431, false,
    '请求的附加信息太多', 'The request carries too many headers',
    '请把浏览器整个关掉再打开,再试一次;还不行就联系办公室',
    'Close the whole browser, open it again and try once more; if that does not help, call the office',
  ],
  'unknown-key': [
    401, false,
    '服务器不认识这部设备,或者这次登录', 'The server does not know this device, or this sign-in or token',
    '入户登记:请向办公室要一个新的登记码,重新登记,没发出去的记录还在。办公网页:请核对账号和密码,重新登录',
    'At the doors: ask the office for a new enrolment code and enrol again; unsent records are kept. In the office: check account and password and sign in again',
  ],
  'bad-signature': [
    401, false,
    '内容和设备的签名对不上', 'The content does not match the device\'s signature',
    '不要删除应用,请把这一情况报告办公室',
    'Do not remove the application; report this to the office',
  ],
  'stale-signature': [
    401, false,
    '手机时间和服务器差了五分钟以上', 'This device\'s clock is more than five minutes off',
    '请打开手机的自动设置时间,再试一次',
    'Switch on automatic date and time and try again',
  ],
  'revoked': [
    403, false,
    '本机已停用', 'This device has been taken out of use',
    '没发出去的还在,请把手机交办公室处理',
    'Unsent records are kept; hand the device to the office',
  ],
  'forbidden': [
    403, false,
    '这个账号不能做这件事,或登记码已失效', 'This account may not do this, or the enrolment code is no longer valid',
    '登记码用过了或过了24小时的,请向办公室要一个新的;别的事请问给您开账号的人',
    'For a code that was used or is older than 24 hours ask the office for a new one; for anything else ask whoever gave you the account',
  ],
  'not-found': [
    404, false,
    '没有找到', 'There is no such thing here',
    '请核对地址或编号',
    'Check the address or the number',
  ],
  'method': [
    405, false,
    '这个地址不支持这种操作', 'This address does not support this operation',
    '请更新到最新版本',
    'Update to the newest version',
  ],
  'batch-conflict': [
    409, false,
    '这一批的编号已经用过,内容却不一样', 'This batch number was used before, with other content',
    '程序会自动换一个编号重发,不用处理',
    'The program sends it again under a new number; nothing to do',
  ],
  'key-taken': [
    409, false,
    '这部设备或这把密钥以前登记过', 'This device or its key was enrolled before',
    '请重新生成密钥再登记,登记码还能用',
    'Make a new key and enrol again; the code is still good',
  ],
  'digest-mismatch': [
    422, false,
    '文件在传输中变了样', 'The file changed on its way',
    '请重新读取这个文件再发一次',
    'Read the file again and send it once more',
  ],
  'root-mismatch': [
    422, false,
    '这一批记录和它的总码对不上', 'The records of this batch do not add up to what was signed',
    '程序会重新打包再发,记录都在;多次出现请报告办公室',
    'The program packs and sends them again; if it happens often, tell the office',
  ],
  'quota-exceeded': [
    429, true,
    '发得太勤,超过了限额', 'Too many requests in a short time',
    '稍等一会儿,程序会自动再发',
    'Wait a little; the program sends again by itself',
  ],
  'overload': [
    503, true,
    '服务器正忙', 'The server is busy',
    '记录还在手机里,程序会自动再发',
    'The records are safe on this device and are sent again by themselves',
  ],
  'timeout': [
    408, true,
    '网络太慢,没有在规定时间内发完', 'The network was too slow to finish in time',
    '换个信号好的地方再试',
    'Try again where the signal is better',
  ],
  'internal': [
    500, true,
    '服务器出错了,这是我们的问题', 'The server failed; this is our fault',
    '记录还在,程序会再试;一直这样请联系办公室',
    'The records are kept and tried again; if it goes on, call the office',
  ],
  'log-stopped': [
    503, true,
    '本县总账暂停入账,等待管理员处理', 'The county\'s log is stopped until an administrator has looked at it',
    '记录都在手机里,恢复后自动再发',
    'The records stay on this device and are sent when it goes on',
  ],
  'no-memory': [
    0, true,
    '内存不够', 'There is not enough memory',
    '请关掉一些别的程序,再试一次',
    'Close other programs and try again',
  ],
  'invalid': [
    0, false,
    '填写的内容不对', 'Something that was entered is wrong',
    '请按提示改正后再试',
    'Correct it as shown and try again',
  ],
  'io': [
    0, true,
    '读写文件或网络时出错', 'Reading or writing a file or socket failed',
    '请检查文件、权限和网络,再试一次',
    'Check the file, its permissions and the network, then try again',
  ],
  'disk-full': [
    0, true,
    '存储空间满了,这一条没有存下,以前的都在', 'Storage is full; this record was not stored, earlier ones are safe',
    '请腾出一些空间,再记一次',
    'Free some space and record it again',
  ],
  'busy': [
    0, true,
    '另一个程序正在使用', 'Another program is using it',
    '等它结束再试',
    'Wait until it has finished and try again',
  ],
  'corrupt': [
    0, false,
    '存着的数据损坏或打不开', 'Stored data are damaged or cannot be opened',
    '请不要删除,把设备交办公室处理',
    'Do not delete anything; bring the device to the office',
  ],
  'offline': [
    0, true,
    '现在连不上服务器', 'The server cannot be reached now',
    '记录还在这部手机里,有网自动发',
    'The records are on this device and are sent when there is a network',
  ],
  'unknown-outcome': [
    0, true,
    '发出后断网了,不知道收到没有', 'The connection broke after sending; it is not known whether it arrived',
    '程序会再发一次,不会重复计数',
    'It is sent again; nothing is counted twice',
  ],
  'proof': [
    0, false,
    '验真:不一致', 'Verification: it does not hold',
    '请保留这份凭证,联系办公室查明原因',
    'Keep this proof and ask the office to find out why',
  ],
  'log-regressed': [
    0, true,
    '服务器的总账比手机里的入账凭证还旧', 'The server\'s log is older than a receipt that this device holds',
    '凭证和记录都留着,请马上报告办公室',
    'Receipts and records are kept; tell the office at once',
  ],
  'not-enrolled': [
    0, false,
    '这部设备还没有登记', 'This device is not enrolled',
    '请先用办公室给的登记码登记',
    'Enrol first with the code from the office',
  ],
  'exists': [
    0, false,
    '已经存在,不会覆盖', 'It exists already and is not replaced',
    '请换一个名字,或先把原来的移走',
    'Choose another name or move the old one away',
  ],
  'database': [
    0, true,
    '数据库出错', 'The database reported an error',
    '请稍后再试;一直这样请联系管理员',
    'Try again later; if it goes on, call the administrator',
  ],
  'conflict': [
    409, false,
    '现在不能这样做', 'This cannot be done as things are',
    '情况可能刚变过:请重新打开这一页,看清楚了再试;还不行就联系办公室',
    'Things may have changed just now: open this page again, look, and try then; if that does not help, call the office',
  ],
} satisfies Record<string, Row>

export type ErrCode = keyof typeof rows
export type Lang = 'zh' | 'en'

export class QmError extends Error {
  override readonly name = 'QmError'

  /** detail: for logs, in English, without personal data. */
  constructor(
    readonly code: Exclude<ErrCode, 'ok'>,
    detail?: string,
  ) {
    super(detail === undefined ? code : `${code}: ${detail}`)
  }
}

/** The code of anything that was thrown: what is none of ours is a fault of the program. */
export function errCode(e: unknown): Exclude<ErrCode, 'ok'> {
  return e instanceof QmError ? e.code : 'internal'
}

/** 'ok', or the code that the call threw; what is no QmError goes on. */
export function outcome(call: () => unknown): ErrCode {
  try {
    call()
    return 'ok'
  } catch (e) {
    if (e instanceof QmError) return e.code
    throw e
  }
}

export const errCodes = Object.keys(rows) as ErrCode[]
export const errHttp = (code: ErrCode): number => rows[code][0]
export const errRetry = (code: ErrCode): boolean => rows[code][1]
export const errText = (code: ErrCode, lang: Lang): string => rows[code][lang === 'zh' ? 2 : 3]
export const errTodo = (code: ErrCode, lang: Lang): string => rows[code][lang === 'zh' ? 4 : 5]

/** The code of a problem type's last part; undefined if the table has none. */
export function errOfName(name: string): ErrCode | undefined {
  return Object.prototype.hasOwnProperty.call(rows, name) ? (name as ErrCode) : undefined
}
