// Figures that come from elsewhere, by the names that annex 3 of a bulletin knows (client-sdk/README.md).
import { words } from '@shared/lang'

export const figureWords = words(
  {
    metric: {
      cases: '本期发案(起)', cases_month: '本月发案(起)', cases_year: '今年发案(起)', cases_last_year: '去年同期发案(起)',
      loss_cents: '损失(元)', population: '人口(人)', dissuade_due: '应上门劝阻(次)', dissuade_done: '已上门劝阻(次)',
      return_due: '应劝返(人)', return_done: '已劝返(人)', false_records: '不实记录(条)',
    },
  },
  {
    metric: {
      cases: 'cases, this period', cases_month: 'cases, this month', cases_year: 'cases, this year',
      cases_last_year: 'cases, same time last year', loss_cents: 'loss (yuan)', population: 'population',
      dissuade_due: 'warnings to visit', dissuade_done: 'warnings visited', return_due: 'to be brought back',
      return_done: 'brought back', false_records: 'false records',
    },
  },
)
