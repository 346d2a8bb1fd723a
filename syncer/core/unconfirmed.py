"""Fields that were written to a side and not seen there yet: whether it shows them, and whose doing it is if not."""

from __future__ import annotations

from dataclasses import replace

from syncer.contract.model import Field, Side
from syncer.core.carrying import Carrier
from syncer.core.draft import LinkDraft
from syncer.core.field_types import FieldType, NotTaken, ProseField, TermField, Unmapped
from syncer.core.link_memory import Sent, Verdict, Way
from syncer.core.linked import LinkedFields
from syncer.core.pending import mark, refusal
from syncer.core.set_fields import SetField
from syncer.core.side_view import decode_view, encode_view, nothing_like
from syncer.core.waiting import Why


class PendingReview:
    """The pending fields of one link."""

    def __init__(self, fields: LinkedFields, draft: LinkDraft, carrier: Carrier) -> None:
        self._fields = fields
        self._draft = draft
        self._carrier = carrier

    def settle(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """Whether a field that was written to a side goes on by its bases; else it is done with, or waits."""
        now, draft = self._fields.now, self._draft
        if field_type.agree(now[Side.LEFT][name], now[Side.RIGHT][name]):
            draft.record(name)
            return False
        if not sent.known and sent.way is Way.CREATED:
            sent = self._asked_again(name, field_type, to, sent)
        if self._shown(name, field_type, to, sent) or self._without_effect(name, field_type, to, sent):
            draft.seen(name, to)
            return True
        return self._judge(name, field_type, to, sent)

    def _shown(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """Whether a side shows what it was asked for: then both bases advance."""
        if not sent.known:
            return False
        before, now = self._fields.base[to].get(name), self._fields.now[to][name]
        try:
            base = field_type.took(to, before, decode_view(sent.asked), now)
        except NotTaken:
            return False
        if self._merged(name, field_type, to, sent):
            return True
        if before is not None and sent.source is not None:
            base = field_type.agreed(to, before, base, decode_view(sent.source))
        self._draft.advance(name, to, base, sent.source)
        if sent.way is Way.NOT_ASKED:
            self._draft.keep_given(name, to, base)
        return True

    def _merged(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """Whether people had changed the field there, too: then what was written is a merge, completed by its bases."""
        base = self._fields.base[to].get(name)
        mergeable = isinstance(field_type, SetField | ProseField) and base is not None and sent.before is not None
        return mergeable and not field_type.same(to, base, decode_view(sent.before))

    def _without_effect(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """Whether an update that failed left a side as it was."""
        fields = self._fields
        if sent.way is not Way.FAILED or name not in fields.base[to]:
            return False
        before = fields.base[to][name] if sent.before is None else decode_view(sent.before)
        return field_type.same(to, fields.now[to][name], before)

    def _judge(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """What becomes of a field of which a side shows something else than it was asked for."""
        match self._verdict(name, field_type, to, sent):
            case None:
                key = self._fields.items[to].key
                self._draft.doubts.append((to, name))
                self._draft.skip(to, name, Why.LOST, f"whether {key} took {name} is asked of its history")
                return False
            case Verdict.EDITED:
                return self._edited(name, field_type, to, sent)
            case Verdict.REFUSED:
                return self._not_taken(name, field_type, to, sent)
            case Verdict.UNKNOWN:
                return self._untold(name, field_type, to, sent)

    def _asked_again(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> Sent:
        """What a create of an older version asked for, from what the other side showed then."""
        if name not in self._fields.base[to.other]:
            return replace(sent, way=Way.LEFT_OUT)
        try:
            asked = field_type.carry(to, None, self._fields.base[to.other][name], None).value
        except Unmapped:
            return replace(sent, way=Way.LEFT_OUT)
        return replace(sent, known=True, asked=encode_view(asked))

    def _verdict(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> Verdict | None:
        """Whose doing it is that a side does not show what was sent; None while that is not known."""
        if sent.answered:
            unchanged = field_type.same(to, self._fields.now[to][name], decode_view(sent.shown))
            return Verdict.REFUSED if unchanged else Verdict.EDITED
        return sent.verdict if sent.known else Verdict.REFUSED

    def _edited(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """Somebody edited the field after it was sent: the base is what the side showed before."""
        base = decode_view(sent.shown if sent.answered else sent.asked)
        self._draft.advance(name, to, base, sent.source)
        if sent.answered and name in self._fields.base[to.other]:
            self._draft.arrived(name, field_type, to, base)
            if self._never_arrived(field_type, to, sent):
                # Whoever edited it saw nothing of it: it counts as changed on the other side, too.
                self._draft.set_base(name, to.other, nothing_like(self._fields.now[to.other][name]))
        self._draft.seen(name, to)
        return True

    def _never_arrived(self, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """Whether a tracker left out the only value of a field when it created the item; sets are told by element."""
        if sent.way is not Way.CREATED or not sent.known or isinstance(field_type, SetField):
            return False
        try:
            field_type.took(to, None, decode_view(sent.asked), decode_view(sent.shown))
        except NotTaken:
            return True
        return False

    def _not_taken(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """The tracker did not do what it was asked for: what belongs to a create is asked for again at once."""
        now = self._fields.now[to][name]
        if sent.way is Way.NOT_ASKED:
            self._draft.advance(name, to, now, sent.source)
            self._draft.keep_given(name, to, self._fields.now[to][name])
            self._draft.seen(name, to)
            return True
        if sent.way is Way.UPDATED:
            self._draft.refused[to][name] = mark(decode_view(sent.asked))
            reason = f"{self._fields.items[to].key} does not show the {name} that was written"
            self._draft.refusals[name] = refusal(self._fields.link, name, to, reason, self._fields.context.now)
        if sent.first:
            self._draft.pending_fields[to][name] = replace(sent, way=Way.CREATED, answered=True, shown=encode_view(now))
            reached = field_type.arrived(
                to, self._fields.base[to.other].get(name), self._fields.now[to.other][name], now
            )
            self._carrier.carry(name, field_type, to, reached if isinstance(reached, tuple) else None)
            return False
        self._draft.advance(name, to, now, None)
        self._draft.arrived(name, field_type, to, now)
        self._draft.seen(name, to)
        return True

    def _untold(self, name: Field, field_type: FieldType, to: Side, sent: Sent) -> bool:
        """Nobody can tell: nothing is taken from either side.

        A priority or type that was not asked for counts as given: some trackers always show one.
        """
        self._draft.seen(name, to)
        if sent.way is Way.NOT_ASKED and isinstance(field_type, TermField):
            self._draft.advance(name, to, self._fields.now[to][name], sent.source)
            self._draft.keep_given(name, to, self._fields.now[to][name])
            return True
        self._draft.wait(name)
        return False
