import { crc32, deflateSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';

/** A PDF whose pages hold these lines. Plain letters only. */
export function pdfOf(pages: readonly string[]): Buffer {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '', '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  const kids: string[] = [];
  for (const page of pages) {
    const lines = page.split('\n').map((line) => `(${line.replaceAll(/[()\\]/g, String.raw`\$&`)}) Tj T*`);
    const stream = `BT /F1 12 Tf 72 720 Td 14 TL ${lines.join(' ')} ET`;
    objects.push(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${objects.length} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
    );
    kids.push(`${objects.length} 0 R`);
  }
  objects[1] = `<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${kids.length} >>`;
  return Buffer.from(fileOf(objects), 'latin1');
}

/** A PDF with one page whose content is this stream, packed as the filters say. */
export function pdfWith(stream: Buffer, filters: string): Buffer {
  const head = `<< /Length ${stream.length} /Filter ${filters} >>\nstream\n`;
  const content = `${head}${stream.toString('latin1')}\nendstream`;
  const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R >>';
  const pages = '<< /Type /Pages /Kids [4 0 R] /Count 1 >>';
  return Buffer.from(fileOf(['<< /Type /Catalog /Pages 2 0 R >>', pages, content, page]), 'latin1');
}

function fileOf(objects: readonly string[]): string {
  let text = '%PDF-1.4\n';
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return `${text}xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF`;
}

/** A Word document: headings as `# words`, rows of a table as `a | b`, everything else paragraphs. */
export function docxOf(lines: readonly string[]): Buffer {
  const body = lines.map((line) => {
    if (line.startsWith('# ')) return paragraph(line.slice(2), '<w:pPr><w:pStyle w:val="Kop1"/></w:pPr>');
    if (!line.includes(' | ')) return paragraph(line);
    const cells = line.split(' | ').map((cell) => `<w:tc>${paragraph(cell)}</w:tc>`);
    return `<w:tbl><w:tr>${cells.join('')}</w:tr></w:tbl>`;
  });
  const styles = '<w:style w:styleId="Kop1"><w:name w:val="heading 1"/></w:style>';
  return archiveOf({
    'word/styles.xml': `<w:styles xmlns:w="w">${styles}</w:styles>`,
    'word/document.xml': `<w:document xmlns:w="w"><w:body>${body.join('')}</w:body></w:document>`,
  });
}

export function archiveOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const entries = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === 'string' ? strToU8(content) : content,
  ]);
  return Buffer.from(zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>));
}

function paragraph(words: string, properties = ''): string {
  const text = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<w:p>${properties}<w:r><w:t>${text}</w:t></w:r></w:p>`;
}

/** A picture in PNG: a red square. */
export function redSquare(side: number): Buffer {
  const piece = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side * 3, Buffer.from([200, 40, 40]))]);
  const rows = Buffer.concat(Array.from({ length: side }, () => row));
  const mark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([mark, piece('IHDR', head), piece('IDAT', deflateSync(rows)), piece('IEND', Buffer.alloc(0))]);
}
