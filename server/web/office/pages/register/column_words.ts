import { words } from '@shared/lang'

/** Names of the register's columns. */
export const columnWords = words(
  {
    grid: '网格代码', name: '名称/姓名', population: '人口', population_source: '人口来源', population_date: '人口日期',
    account: '账号', from: '开始日期', until: '结束日期', role: '身份', phone: '电话', areas: '范围', household: '户代码', place: '类别', status: '状态', group: '组',
    lane: '街巷', door: '门牌', head: '户主', worker: '责任人账号', resident: '人员代码', born: '出生日期', id_number: '身份证号', groups: '人群', ref: '户号(村里的)', household_ref: '户号(村里的)', village: '村代码', code: '区划代码', parent_code: '上级代码', level: '级别', division: '区划代码', duty: '职责', trained_on: '培训日期',
  },
  {
    grid: 'grid', name: 'name', population: 'population', population_source: 'source', population_date: 'date of population',
    account: 'account', from: 'from', until: 'until', role: 'role', phone: 'phone', areas: 'areas', household: 'household code', place: 'kind of place', status: 'status', group: 'group',
    lane: 'lane', door: 'door', head: 'head', worker: 'worker', resident: 'resident code', born: 'birthday', id_number: 'ID number', groups: 'groups', ref: 'number (village’s)', household_ref: 'household’s number', village: 'village code', code: 'code', parent_code: 'code above', level: 'level', division: 'division code', duty: 'duty', trained_on: 'trained on',
  },
)
