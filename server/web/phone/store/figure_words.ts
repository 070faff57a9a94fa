import { words } from '@shared/lang'

export const figureWords = words(
  {
    metric: {
      visited: '入户', reached: '宣传到(含电话视频)', notice_delivered: '告知书送达', notice_signed: '告知书签收', pledge: '承诺书签订', app: '反诈App安装',
      app_real_name: 'App实名', app_call_alert: '来电预警', app_sms_alert: '短信预警', app_all: 'App四项都开',
    },
  },
  {
    metric: {
      visited: 'Visited', reached: 'Reached (with calls)', notice_delivered: 'Notice delivered', notice_signed: 'Notice signed', pledge: 'Pledge signed', app: 'App installed',
      app_real_name: 'App with real name', app_call_alert: 'Call alert', app_sms_alert: 'Message alert', app_all: 'App, all four',
    },
  },
)
