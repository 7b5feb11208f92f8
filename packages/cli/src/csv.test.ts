import { expect, test } from 'bun:test'
import { type CellFault, eachRow, lineOfCell, type Row, readCsvFile } from './csv.ts'
import { withFile } from './temporary-file.ts'

test('tells the line that an editor shows, also behind quoted line breaks and empty lines', async () => {
  const { rows } = await read('a,b\n"one\ntwo",x\n\n"three\r\nfour\r\nfive",y\r\nlast,z')

  expect(rows.map(({ line }) => line)).toEqual([1, 2, 5, 8])
  expect(rows[2]?.cells).toEqual(['three\r\nfour\r\nfive', 'y'])
  expect(lineOfCell(rows[2] as Row, 0)).toBe(5)
  expect(lineOfCell(rows[2] as Row, 1)).toBe(7)
})

test('reads line ends of both kinds, doubled quotation marks and a byte order mark', async () => {
  const { rows } = await read('\uFEFFa,b\r\n"say ""hello""",1\n"x"\r\n')

  expect(rows.map(({ cells }) => cells)).toEqual([['a', 'b'], ['say "hello"', '1'], ['x']])
})

test('says where a quotation mark was opened that nobody closed', async () => {
  const { faults } = await read('a,b\nfine,1\n"open,2\nand,3\n')

  expect(faults).toMatchObject([{ line: 3 }])
})

test('a gzipped file is the same file as the plain one', async () => {
  const text = 'sku\nLAMP\n'

  const plain = await withFile(text, readCsvFile)
  const packed = await withFile(Bun.gzipSync(Buffer.from(text)), readCsvFile)

  expect(packed.sha256).toBe(plain.sha256)
  expect(packed.bytes).toEqual(plain.bytes)
})

test('names the line that is not UTF-8, and says when a gzipped file is cut short', async () => {
  const latin1 = Buffer.from('a,b\nfine,1\nprice in \xa3,2\n', 'latin1')
  const short = Bun.gzipSync(Buffer.from('sku\nLAMP\n')).slice(0, 20)

  await expect(withFile(latin1, async (path) => eachRow(await readCsvFile(path), () => {}))).rejects.toThrow('line 3')
  await expect(withFile(short, readCsvFile)).rejects.toThrow('damaged or incomplete')
})

test('reads a file of many pieces as if it were one', async () => {
  // Each record is 100 bytes long with a line break inside, so that pieces end at every possible place of a record.
  const records = 90_001
  const record = (i: number) => `${String(i).padStart(7, '0')},"${'é\n'.padEnd(44, '"')}${'x'.repeat(44)}"\n`
  const { rows, faults } = await read(Array.from({ length: records }, (_, i) => record(i)).join(''))

  expect(faults).toEqual([])
  expect(rows.length).toBe(records)
  expect(rows.every(({ line, cells }, i) => line === 2 * i + 1 && Number(cells[0]) === i && cells.length === 2)).toBe(
    true,
  )
})

function read(text: string): Promise<{ rows: Row[]; faults: CellFault[] }> {
  return withFile(text, async (path) => {
    const rows: Row[] = []
    const faults: CellFault[] = []
    eachRow(await readCsvFile(path), (row, fault) => {
      if (fault) faults.push(fault)
      else rows.push(row)
    })
    return { rows, faults }
  })
}
