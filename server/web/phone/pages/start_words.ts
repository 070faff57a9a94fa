import { words } from '@shared/lang'

export const startWords = words(
  {
    title: '检查这部手机',
    looking: '正在检查…',
    list: '检查了什么',
    list_worries: '检查了什么(有{n}项请看一看)',
    verdict: {
      yes: '这部手机可以用。',
      wechat: '请换到浏览器里打开,再开始登记。',
      no: '这个浏览器不能用,请看下面打叉的几项。换一个浏览器再试。',
    },
    answer: { yes: '可以', soft: '勉强可以', no: '不行' },
    ability: {
      secure: { name: '安全连接', soft: '', no: '地址要以 https:// 开头。请用办公室给的链接打开。' },
      keys: {
        name: '给记录盖章',
        soft: '浏览器旧了一些,印章由本页自己保管,也能用。能更新浏览器最好。',
        no: '这个浏览器不能给记录盖章。请更新浏览器,或换一个。',
      },
      storage: {
        name: '存放记录',
        soft: '',
        no: '这个浏览器存不住记录。请关掉"无痕浏览",或换一个浏览器。',
      },
      offline: { name: '没有网也能打开', soft: '', no: '没有网的时候打不开本页。请换一个浏览器。' },
      persist: {
        name: '长期保存',
        soft: '手机空间不够时,浏览器可能会清掉没发出去的记录。登记后请"添加到主屏幕",常打开、常上传。',
        no: '',
      },
      camera: { name: '扫码、拍照', soft: '本页用不了相机。可以用手机自带的相机扫码,照片从相册里选。', no: '' },
    },
    code: { title: '登记码已收到', line: '这部手机要用这个登记码。登记码只能用一次,24小时内有效。' },
    no_code: { title: '还没有登记码', line: '请到办公室领二维码,点下面的按钮扫一扫。' },
    wechat: {
      title: '您正在微信里打开',
      how: '点右上角…,选择在浏览器打开',
      why: '微信会清理网页里存的东西,没发出去的记录可能会丢。',
      stay: '就在微信里登记',
      used: '登记码只能用一次:在微信里登记,码就用掉了,上面复制的链接不能再登记。',
    },
  },
  {
    title: 'Checking this phone',
    looking: 'Checking…',
    list: 'What was checked',
    list_worries: 'What was checked ({n} to look at)',
    verdict: {
      yes: 'This phone can be used.',
      wechat: 'Please open this page in a browser before you begin.',
      no: 'This browser cannot be used: see the crosses below, and try another browser.',
    },
    answer: { yes: 'yes', soft: 'just about', no: 'no' },
    ability: {
      secure: { name: 'Secure connection', soft: '', no: 'The address must begin with https://. Please use the link of the office.' },
      keys: {
        name: 'Signing records',
        soft: 'This browser is a little old: the page keeps the key itself, which works. A newer browser would be better.',
        no: 'This browser cannot sign records. Please update it or use another one.',
      },
      storage: {
        name: 'Keeping records',
        soft: '',
        no: 'This browser does not keep records. Please leave private browsing, or use another browser.',
      },
      offline: { name: 'Opening without a network', soft: '', no: 'This page does not open without a network. Please use another browser.' },
      persist: {
        name: 'Keeping them for long',
        soft: 'When space runs out, the browser may clear records that were not sent. Add this page to the home screen, open it often, send often.',
        no: '',
      },
      camera: { name: 'Scanning and photos', soft: 'This page cannot use the camera. Scan with the phone’s own camera, and choose photos from the album.', no: '' },
    },
    code: { title: 'The code has arrived', line: 'This phone will use it. A code is good once, for 24 hours.' },
    no_code: { title: 'No code yet', line: 'Get a QR code at the office and scan it with the button below.' },
    wechat: {
      title: 'You are inside WeChat',
      how: 'Tap … at the top right and choose to open in the browser',
      why: 'WeChat clears what pages keep; records that were not sent could be lost.',
      stay: 'Enrol inside WeChat all the same',
      used: 'A code is good once: enrolling inside WeChat uses it up, and the link above enrols nobody any more.',
    },
  },
)
