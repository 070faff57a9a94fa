// The server's faults of a file in the office's words.  A fault that no pattern knows is shown as the
// server wrote it: better a sentence in English than none.
import type { Language } from '@shared/lang'

const patterns: [RegExp, string][] = [
  [/^is empty.*/, '没有填'],
  [/^"(.*)" is not one of (.*)$/, '“$1”不是这里用的词,可以写:$2'],
  [/^"(.*)" is no grid of .*$/, '“$1”不是网格代码:应为15位数字,前12位是村代码'],
  [/^"(.*)" is no account: .*$/, '“$1”不是账号:应为一个大写字母加数字,如W0001'],
  [/^"(.*)" is no existing day.*$/, '“$1”不是日期:请写成2026-03-05'],
  [/^"(.*)" lies in the future$/, '“$1”是将来的日期'],
  [/^"(.*)" is no number of people$/, '“$1”不是人数'],
  [/^"(.*)" is no pseudonym of 22 characters; leave it empty.*$/, '“$1”不是系统代码:新户请留空'],
  [/^"(.*)" is no pseudonym of 22 characters$/, '“$1”不是系统代码:请用导入户表后保存的文件'],
  [/^"(.*)" is not known: import (.*) first$/, '“$1”系统里没有,请先导入'],
  [/^"(.*)" is neither in the file nor known$/, '“$1”文件里和系统里都没有'],
  [/^"(.*)" can only be given by the county's admin$/, '“$1”这个身份只有县里能给'],
  [/^"(.*)" is there twice$/, '“$1”出现了两次'],
  [/^is the one of line (\d+) too$/, '和第$1行重复'],
  [/^is no phone number: (\d+) to (\d+) digits.*$/, '不是电话号码:应有$1至$2位数字'],
  [/^is no valid ID number.*$/, '身份证号不对'],
  [/^"(.*)" is not the birthday in id_number$/, '“$1”和身份证上的生日不一样'],
  [/^longer than (\d+) bytes.*$/, '太长(最多$1字节)'],
  [/^figures per 10,000 people name their source.*$/, '填了人口,也要填人口来源和日期'],
  [/^unknown_age, but born is filled.*$/, '写了“年龄不详”,又填了出生日期'],
  [/^(.*)is not in the register(.*)$/, '系统里没有这一条'],
  [/^the division or grid is not in the register.*$/, '系统里没有这个村或网格,请先导入网格'],
  [/^the worker has no account.*$/, '责任人没有账号,请先导入账号'],
  [/^the household is not in the register.*$/, '系统里没有这一户,或已并入别的户,请先导入户表'],
  [/^there is no row behind the header$/, '只有表头,没有内容'],
  [/^"(.*)" is no (.*) of county .*$/, '“$1”不在本县的代码里'],
  [/^a line break or control character.*$/, '有换行或控制字符,请去掉'],
]

export function faultWords(fault: string, language: Language): string {
  if (language !== 'zh') return fault
  for (const [pattern, words] of patterns) if (pattern.test(fault)) return fault.replace(pattern, words)
  return fault
}
