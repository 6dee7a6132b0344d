/** Gives the browser a file to keep. */
export function saveFile(content: BlobPart, fileName: string, mediaType: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // Its content is being read by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
