/**
 * How the pretend network treats a number. ClickSend documents eight numbers as never really sent to; here each has one
 * behaviour of its own, so that every way a message can go can be tried. Every other number simply delivers.
 */
export type Behaviour =
  /** A receipt says that the handset has it. */
  | 'deliver'
  /** A receipt says that the subscriber is absent. */
  | 'absent'
  /** Refused at submit: no such number. */
  | 'refuse'
  /** A receipt says that its validity ran out. */
  | 'expire'
  /** The first submit is throttled; tried again, it is delivered. */
  | 'throttle-once'
  /** Taken, and never heard of again. */
  | 'silent'
  /** The receipt overtakes the answer to the submit. */
  | 'receipt-first'
  /** Delivered, a minute later. */
  | 'deliver-late';

export const SENTINELS: ReadonlyMap<string, Behaviour> = new Map([
  ['+61411111111', 'deliver'],
  ['+61422222222', 'absent'],
  ['+61433333333', 'refuse'],
  ['+61444444444', 'expire'],
  ['+14055555555', 'throttle-once'],
  ['+14055555666', 'silent'],
  ['+447777777777', 'receipt-first'],
  ['+8615555555555', 'deliver-late'],
]);

export const behaviourOf = (e164: string): Behaviour => SENTINELS.get(e164) ?? 'deliver';
