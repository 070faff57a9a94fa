import { words } from '@shared/lang'

export const printWords = words(
  {
    title: '打印',
    back: '回到名单',
    go: '打印',
    forms: '打印什么',
    form: { visit: '入户登记表', slip: '告知书回执', pledge: '承诺书(一式两份)' },
    none: '还没有勾选住户',
    none_line: '在住户名单里勾选要打印的住户,再回到这里。',
    text_none: '办公室还没有设好这份文字,先到“目标和规则”里设好。',
    household: '户别',
    number: '户代码',
    visit: {
      date: '入户日期', who: '入户人员', with: '同去人员', result: '结果', notice: '告知书', pledge: '承诺书', people: '16—60周岁人员和手机',
      results: '□见到大人 □没有大人 □没人 □已约时间 □全家在外 □不愿办理 □进不了门 □已搬走 □空房 □查无此户',
      notices: '□已签收 □已留置 □不要', pledges: '□已签 □下次再办 □不愿办理', topics: '讲过的内容', note: '备注',
      app: '姓名________ □已装 □实名 □来电预警 □短信预警 □下次 □装不了',
    },
    slip: {
      title: '回执',
      line: '本户已收到《{title}》,工作人员已当面说明。',
      sign: '签收人', relation: '与户主关系', date: '日期', worker: '工作人员', left: '□已收下,不签字',
      rule: '来访人员应出示证件,不会要银行卡号、密码、验证码,不会让您转账。',
    },
    pledge: {
      copy: '居民户存', copy_village: '村(居)委会存', sign: '承诺人(签名或按手印)', who: '□户主 □家庭成年成员,与户主关系', date: '日期', witness: '见证人(不便书写时)',
      worker: '工作人员', seal: '村(居)委会(盖章)', version: '版本',
      free: '本承诺书自愿签署,签与不签都不影响办理事项和享受待遇,可以随时撤回。',
    },
  },
  {
    title: 'Print',
    back: 'Back to the list',
    go: 'Print',
    forms: 'What to print',
    form: { visit: 'Visit sheet', slip: 'Slips of the notice', pledge: 'Pledge (two copies)' },
    none: 'No household is selected',
    none_line: 'Tick households in the list, then come back here.',
    text_none: 'The office has not set this text yet: see targets and rule.',
    household: 'Household',
    number: 'No.',
    visit: {
      date: 'Date', who: 'Visited by', with: 'Together with', result: 'Outcome', notice: 'Notice', pledge: 'Pledge', people: 'People of 16-60 and their phones',
      results: '□met □no adult □nobody □appointment □away □declined □no entry □moved □vacant □no such household',
      notices: '□signed for □left □not wanted', pledges: '□signed □next time □declined', topics: 'Explained', note: 'Remarks',
      app: 'Name________ □installed □real name □call alert □SMS alert □next time □cannot',
    },
    slip: {
      title: 'Slip',
      line: 'This household received "{title}"; it was explained in person.',
      sign: 'Received by', relation: 'Relation to the head', date: 'Date', worker: 'Worker', left: '□taken, not signed',
      rule: 'Visitors show an ID and never ask for card numbers, passwords, codes or money.',
    },
    pledge: {
      copy: 'Copy of the household', copy_village: 'Copy of the village', sign: 'Signed (or fingerprint)', who: '□head □adult of the household, relation', date: 'Date',
      witness: 'Witness (if unable to write)', worker: 'Worker', seal: 'Village committee (seal)', version: 'Version',
      free: 'Signing is voluntary, has no effect on any service or benefit, and can be withdrawn at any time.',
    },
  },
)
