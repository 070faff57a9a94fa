import { words } from '@shared/lang'

export const directiveWords = words(
  {
    title: '要阅知的文件',
    publish: '发一份', scope: '发给哪里', name: '标题', body: '内容', due: '几号前阅知(可不填)', send: '发布', sent: '已发布,手机下次联网就能看到。',
    once: '发布后不能改、不能收回。要改,请再发一份。', none: '还没有发过文件。',
    by: '{by},{at}', to: '发给{name}', due_by: '{day}前阅知', read: '已阅知{n}人,应阅知{of}人', late: '看谁还没有阅知', late_none: '都阅知了。',
    over: '已过期,还有人没阅知', ack: '我已阅知', acked: '您已阅知', more: '再往前',
  },
  {
    title: 'To be read',
    publish: 'Publish', scope: 'For whom', name: 'Title', body: 'Text', due: 'Read by (may be empty)', send: 'Publish', sent: 'Published: phones see it when they are next online.',
    once: 'What is published cannot be changed or taken back: publish another one.', none: 'Nothing was published yet.',
    by: '{by}, {at}', to: 'for {name}', due_by: 'read by {day}', read: 'read by {n} of {of}', late: 'Who has not read it', late_none: 'Everybody has read it.',
    over: 'overdue', ack: 'I have read it', acked: 'You have read it', more: 'Older ones',
  },
)
