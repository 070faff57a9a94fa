import { words } from '@shared/lang'

/** What a placeholder is called on its chip. */
export const chipWords = words(
  {
    chip: {
      period: '时间段', this_period: '本周/本月', scope: '本镇名称', county: '县名', closed: '数据截至', basis: '统计口径',
      first_day: '第一天', last_day: '最后一天', due: '应访户数', away_reached: '在外已远程', population: '人口', visits: '入户次数',
      gap: '还差户数', target: '目标', target_day: '目标日期', forecast: '预计(整句)', commended: '表扬的村', criticised: '提醒的村', decided: '采纳的建议(整句)',
      left_out: '不排名的村',
    },
    part: { due: '应办数', percent: '比例', change: '较上次', new: '新增', late: '补报', refused: '不愿办理' },
  },
  {
    chip: {
      period: 'period', this_period: 'this week/month', scope: 'township', county: 'county', closed: 'data up to', basis: 'basis',
      first_day: 'first day', last_day: 'last day', due: 'households due', away_reached: 'away, reached', population: 'population',
      visits: 'visits', gap: 'still to go', target: 'target', target_day: 'target day', forecast: 'forecast (sentence)',
      commended: 'commended', criticised: 'reminded', decided: 'accepted proposals (sentence)', left_out: 'not ranked',
    },
    part: { due: 'due', percent: 'percent', change: 'change', new: 'new', late: 'late', refused: 'declined' },
  },
)
