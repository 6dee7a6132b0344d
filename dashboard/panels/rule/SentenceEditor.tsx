import { Popover } from '@mantine/core';
import { useId, useState } from 'react';
import type { RuleDraftWire } from '../../../api/contract/rule-drafts.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { IconPlus } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { type RuleDraft, withLevel } from '../../state/rule-draft.ts';
import { concerns, type ProblemPlace, placeOf } from '../../state/rule-problems.ts';
import {
  conditionSentence,
  furtherSentences,
  type Piece,
  type Sentence,
  type SentenceWords,
  type Slot,
  slotKey,
} from '../../state/rule-sentence.ts';
import { SlotFields } from './SlotFields.tsx';

type Problems = RuleDraftWire['problems'];
interface PlacedProblem {
  readonly place: ProblemPlace;
  readonly message: string;
  readonly path: string;
}

/** The rule as sentences, each part of which is edited where it stands. `change` absent: to be read only. */
export function SentenceEditor({
  draft,
  words,
  problems,
  change,
  onScope,
  onText,
}: {
  draft: RuleDraft;
  words: SentenceWords;
  problems: Problems;
  change?: ((next: RuleDraft) => void) | undefined;
  /** Points are chosen elsewhere on the page. */
  onScope: () => void;
  /** As are names, advice and message. */
  onText: (field: 'name' | 'advice' | 'message') => void;
}) {
  const { t } = useLanguage();
  const [open, setOpen] = useState<string | null>(null);
  const placed = problems.map(({ path, message }) => ({ place: placeOf(path), message, path }));
  const sentences = [conditionSentence(draft, words), ...furtherSentences(draft, words)];
  if (change === undefined)
    return (
      <div className="rule-sentences">
        {sentences.map((sentence) => {
          const text = sentence.map((piece) => piece.text).join('');
          return (
            <p key={text} className="rule-sentence">
              {text}
            </p>
          );
        })}
      </div>
    );
  const keyed = sentences.map(keyedPieces);
  const keyOf = (place: ProblemPlace): string | null =>
    keyed.flat().find(({ piece }) => piece.slot !== null && concerns(place, piece.slot))?.key ?? null;
  return (
    <div className="rule-sentences">
      {keyed.map((pieces, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sentences have no other name than their place
        <p key={i} className="rule-sentence">
          {pieces.map(({ key, piece }) =>
            piece.slot === null ? (
              <span key={key}>{piece.text}</span>
            ) : piece.slot.name === 'scope' ? (
              <SlotButton key={key} piece={piece} isWrong={isWrong(placed, piece.slot)} onClick={onScope} />
            ) : (
              <SlotPopover
                key={key}
                slot={piece.slot}
                text={piece.text}
                problems={placed.filter(({ place }) => concerns(place, piece.slot as Slot))}
                isOpen={open === key}
                setOpen={(isOpen) => setOpen(isOpen ? key : null)}
                draft={draft}
                change={change}
              />
            ),
          )}
        </p>
      ))}
      {draft.levels.length < SEVERITIES.length ? (
        <button type="button" className="text-button rule-add-level" onClick={() => change(withLevel(draft))}>
          <IconPlus size={14} aria-hidden="true" /> {t('ruleForm.addLevel')}
        </button>
      ) : null}
      {placed.length > 0 ? (
        <section className="rule-problems" aria-label={t('ruleDraft.problems')}>
          <h2 className="section-title">{t('ruleDraft.problems')}</h2>
          <ul>
            {placed.map(({ place, message, path }) => (
              <li key={`${path} ${message}`}>
                <button
                  type="button"
                  className="text-button"
                  onClick={() => {
                    if (place.kind === 'text') onText(place.field);
                    else if (place.slot.name === 'scope') onScope();
                    else setOpen(keyOf(place));
                  }}
                >
                  {place.kind === 'text' ? t(`ruleForm.of.${place.field}`) : t(`ruleForm.of.${place.slot.name}`)}
                </button>
                : {message}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

const isWrong = (problems: readonly PlacedProblem[], slot: Slot): boolean =>
  problems.some(({ place }) => concerns(place, slot));

/** Pieces with names that stay theirs while words around them change: an open popover stays open. */
function keyedPieces(sentence: Sentence, place: number): readonly { readonly key: string; readonly piece: Piece }[] {
  const seen = new Map<string, number>();
  return sentence.map((piece) => {
    const name = piece.slot === null ? 'words' : slotKey(piece.slot);
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return { key: `${place} ${name} ${nth}`, piece };
  });
}

function SlotButton({ piece, isWrong, onClick }: { piece: Piece; isWrong: boolean; onClick: () => void }) {
  const { t } = useLanguage();
  return (
    <button
      type="button"
      className="rule-slot"
      data-wrong={isWrong || undefined}
      title={piece.slot === null ? undefined : t(`ruleForm.of.${piece.slot.name}`)}
      onClick={onClick}
    >
      {piece.text}
    </button>
  );
}

function SlotPopover({
  slot,
  text,
  problems,
  isOpen,
  setOpen,
  draft,
  change,
}: {
  slot: Slot;
  text: string;
  problems: readonly PlacedProblem[];
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  draft: RuleDraft;
  change: (next: RuleDraft) => void;
}) {
  const { t } = useLanguage();
  const title = useId();
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="bottom-start"
      width={320}
      trapFocus
      returnFocus
      withinPortal
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <button
          type="button"
          className="rule-slot"
          data-wrong={problems.length > 0 || undefined}
          title={t(`ruleForm.of.${slot.name}`)}
          onClick={() => setOpen(!isOpen)}
        >
          {text}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-labelledby={title}>
        <h3 className="section-title" id={title}>
          {t(`ruleForm.of.${slot.name}`)}
        </h3>
        <SlotFields slot={slot} draft={draft} change={change} />
        {problems.map(({ message, path }) => (
          <p key={`${path} ${message}`} className="form-problem small" role="alert">
            {message}
          </p>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
