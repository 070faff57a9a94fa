/* A Monday in the browser: a roster with errors comes in, a phone is enrolled from the screen's QR link,
 * two people sign a village off, two others close and publish the week, and everybody can read it. */
import { after, before } from 'node:test'
import { carriedRoom } from './monday/carried'
import { dayBegin, dayEnd } from './monday/day'
import { rosterRoom } from './monday/roster'
import { weekRoom } from './monday/week'

before(dayBegin)
after(dayEnd)

rosterRoom()
carriedRoom()
weekRoom()
