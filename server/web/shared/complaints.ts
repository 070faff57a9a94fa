// From the notice in force: the lines that say whom to ask and where to complain.  Pure.
export function complaintLines(body: string): string[] {
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(咨询|意见|投诉)|投诉电话|咨询电话/.test(line))
}

/** Telephone numbers in a line: 96110, 110, mobile and area numbers. */
export function phonesIn(text: string): string[] {
  return text.match(/(?:1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}|96110|12345|110)(?![0-9])/g) ?? []
}
