/** Command ids of SMPP 3.4 §5.1.2.1, under the specification's own names. Responses are their request with the top bit. */
export const COMMAND = {
  generic_nack: 0x80000000,
  bind_receiver: 0x00000001,
  bind_receiver_resp: 0x80000001,
  bind_transmitter: 0x00000002,
  bind_transmitter_resp: 0x80000002,
  query_sm: 0x00000003,
  query_sm_resp: 0x80000003,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
  bind_transceiver: 0x00000009,
  bind_transceiver_resp: 0x80000009,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
  data_sm: 0x00000103,
  data_sm_resp: 0x80000103,
} as const;

export type CommandName = keyof typeof COMMAND;

export const COMMAND_NAME: ReadonlyMap<number, CommandName> = new Map(
  Object.entries(COMMAND).map(([name, id]) => [id, name as CommandName]),
);

/** True for ids that answer something: they are never answered themselves, not even by a generic_nack. */
export const isResponse = (commandId: number): boolean => commandId >= 0x80000000;
