// Columns of a village's own lists of what was done before the start.
import type { Column } from './columns'

export type CarriedKind = 'carried_households' | 'carried_residents'

const home: Column[] = [
  { name: 'household', aliases: ['户代码', '户码', '住户代码', '系统户号'] },
  { name: 'group', aliases: ['组', '小组', '村民小组', '自然村', '组别'] },
  { name: 'lane', aliases: ['街巷', '巷', '街道', '路', '楼栋', '楼栋单元'] },
  { name: 'door', aliases: ['门牌', '门牌号', '房号', '住址', '地址', '门号'] },
]
const by: Column = { name: 'by', aliases: ['经办人', '入户人', '走访人', '登记人', '网格员', '责任人'] }

export const carriedColumns: Record<CarriedKind, Column[]> = {
  carried_households: [
    ...home,
    { name: 'head', aliases: ['户主', '户主姓名', '姓名'] },
    { name: 'visited', aliases: ['入户日期', '入户时间', '走访日期', '走访时间', '是否入户', '已入户', '入户', '走访'] },
    { name: 'notice', aliases: ['告知书日期', '告知书签收日期', '签收日期', '告知书签收', '发放告知书', '是否签收', '告知书'] },
    { name: 'pledge', aliases: ['承诺书日期', '承诺书签订日期', '签订日期', '签订承诺书', '承诺书签订', '是否签订', '承诺书'] },
    { name: 'signer', aliases: ['签字人', '承诺人', '签订人', '签名人', '承诺书签字人'] },
    by,
  ],
  carried_residents: [
    { name: 'resident', aliases: ['人员代码', '居民代码', '系统人员号'] },
    ...home,
    { name: 'name', aliases: ['姓名', '名字', '居民姓名'] },
    { name: 'installed', aliases: ['安装日期', '安装时间', '是否安装', '已安装', '安装', '反诈app', '安装反诈app', '国家反诈中心app'] },
    { name: 'real_name', aliases: ['实名', '实名注册', '是否实名', '实名认证'] },
    { name: 'call_alert', aliases: ['来电预警', '电话预警', '来电'] },
    { name: 'sms_alert', aliases: ['短信预警', '短信'] },
    by,
  ],
}
