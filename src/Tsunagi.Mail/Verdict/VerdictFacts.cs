using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Verdict;

/// <summary>A verdict with everything it rests on as octets: what the accept facts carry, what the trace keeps, and all that the why page needs.</summary>
internal static class VerdictFacts
{
    // 1: without what judging it anew needs.
    private const byte First = 1;
    private const byte Version = 2;

    // Bits of one octet.
    private const byte TagOnly = 1;
    private const byte Shadow = 2;

    /// <summary>At most <see cref="AcceptFacts.MaxEvidenceBytes"/>: what does not fit is left away from the end, and counted; with it goes what judging it anew would need.</summary>
    public static byte[] Write(MessageVerdict verdict)
    {
        for (var kept = verdict.Evidence.Count; ; kept--)
        {
            var to = new FactsWriter();
            Write(to, verdict, kept);
            if (to.Written.Length <= AcceptFacts.MaxEvidenceBytes || kept == 0)
            {
                return to.Written.ToArray();
            }
        }
    }

    /// <summary>False when the bytes are no verdict of a version this program knows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MessageVerdict verdict, out int omitted)
    {
        var from = new FactsReader(bytes);
        var version = from.Byte();
        var known = version is First or Version;
        var action = (PolicyAction)from.Byte();
        var hold = (HoldClass)from.Byte();
        var wished = (PolicyAction)from.Byte();
        var modes = from.Byte();
        var tagOnlyBy = from.Text();
        var reason = from.Text();
        var points = (int)from.Number();
        omitted = (int)from.Number();
        var evidence = new JudgedEvidence[from.Count()];
        for (var i = 0; i < evidence.Length && !from.Failed; i++)
        {
            var code = from.Text();
            var worth = (int)from.Number();
            var said = (PolicyAction)from.Byte();
            var by = from.Text();
            evidence[i] = new JudgedEvidence(new Evidence(code, ReadValues(ref from)), worth, said, by);
        }

        var basis = version == Version && from.Byte() != 0 ? ReadBasis(ref from) : null;
        verdict = known && !from.Failed ? new MessageVerdict(action, hold, reason, wished, points, (modes & TagOnly) != 0, tagOnlyBy, evidence) { Shadow = (modes & Shadow) != 0, Basis = basis } : MessageVerdict.NotChecked;
        return known && !from.Failed;
    }

    private static void Write(FactsWriter to, MessageVerdict verdict, int kept)
    {
        to.Byte(Version);
        to.Byte((byte)verdict.Action);
        to.Byte((byte)verdict.Hold);
        to.Byte((byte)verdict.Wished);
        to.Byte((byte)((verdict.TagOnly ? TagOnly : 0) | (verdict.Shadow ? Shadow : 0)));
        to.Text(verdict.TagOnlyBy);
        to.Text(verdict.Reason);
        to.Number(verdict.Points);
        to.Number(verdict.Evidence.Count - kept);
        to.Number(kept);
        for (var i = 0; i < kept; i++)
        {
            var judged = verdict.Evidence[i];
            to.Text(judged.Evidence.Code);
            to.Number(judged.Points);
            to.Byte((byte)judged.Action);
            to.Text(judged.By);
            Write(to, judged.Evidence.Values);
        }

        var basis = kept == verdict.Evidence.Count ? verdict.Basis : null;
        to.Byte(basis is null ? (byte)0 : (byte)1);
        if (basis is not null)
        {
            Write(to, basis);
        }
    }

    private static void Write(FactsWriter to, VerdictBasis basis)
    {
        Write(to, basis.Ran);
        to.Byte(basis.Lists is null ? (byte)0 : (byte)1);
        Write(to, basis.Lists ?? []);
        to.Byte((byte)basis.Greylist);
        to.Number(basis.Recipients);
        to.Number(basis.Refused);
        to.Number(basis.PutOff);
        to.Number(basis.Unheard.Count);
        foreach (var (place, evidence) in basis.Unheard)
        {
            to.Number(place);
            to.Text(evidence.Code);
            Write(to, evidence.Values);
        }
    }

    private static VerdictBasis ReadBasis(ref FactsReader from)
    {
        var ran = ReadTexts(ref from);
        var hasLists = from.Byte() != 0;
        var lists = ReadTexts(ref from);
        var greylist = (GreylistStage)from.Byte();
        var (recipients, refused, putOff) = ((int)from.Number(), (int)from.Number(), (int)from.Number());
        var unheard = new UnheardEvidence[from.Count()];
        for (var i = 0; i < unheard.Length && !from.Failed; i++)
        {
            var place = (int)from.Number();
            var code = from.Text();
            unheard[i] = new UnheardEvidence(place, new Evidence(code, ReadValues(ref from)));
        }

        return new VerdictBasis(ran, hasLists ? lists : null, greylist, unheard) { Recipients = recipients, Refused = refused, PutOff = putOff };
    }

    private static void Write(FactsWriter to, IReadOnlyList<EvidenceValue> values)
    {
        to.Number(values.Count);
        foreach (var value in values)
        {
            to.Text(value.Name);
            to.Text(value.Text);
        }
    }

    private static EvidenceValue[] ReadValues(ref FactsReader from)
    {
        var values = new EvidenceValue[from.Count()];
        for (var v = 0; v < values.Length && !from.Failed; v++)
        {
            values[v] = new EvidenceValue(from.Text(), from.Text());
        }

        return values;
    }

    private static void Write(FactsWriter to, IReadOnlyList<string> texts)
    {
        to.Number(texts.Count);
        foreach (var text in texts)
        {
            to.Text(text);
        }
    }

    private static string[] ReadTexts(ref FactsReader from)
    {
        var texts = new string[from.Count()];
        for (var i = 0; i < texts.Length && !from.Failed; i++)
        {
            texts[i] = from.Text();
        }

        return texts;
    }
}
