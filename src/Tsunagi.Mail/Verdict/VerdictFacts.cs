using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Verdict;

/// <summary>A verdict with everything it rests on as octets: what the accept facts carry, what the trace keeps, and all that the why page needs.</summary>
internal static class VerdictFacts
{
    private const byte Version = 1;

    // Bits of one octet.
    private const byte TagOnly = 1;
    private const byte Shadow = 2;

    /// <summary>At most <see cref="AcceptFacts.MaxEvidenceBytes"/>: what does not fit is left away from the end, and counted.</summary>
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
        var known = from.Byte() == Version;
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
            var values = new EvidenceValue[from.Count()];
            for (var v = 0; v < values.Length && !from.Failed; v++)
            {
                values[v] = new EvidenceValue(from.Text(), from.Text());
            }

            evidence[i] = new JudgedEvidence(new Evidence(code, values), worth, said, by);
        }

        verdict = known && !from.Failed ? new MessageVerdict(action, hold, reason, wished, points, (modes & TagOnly) != 0, tagOnlyBy, evidence) { Shadow = (modes & Shadow) != 0 } : MessageVerdict.NotChecked;
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
            to.Number(judged.Evidence.Values.Count);
            foreach (var value in judged.Evidence.Values)
            {
                to.Text(value.Name);
                to.Text(value.Text);
            }
        }
    }
}
