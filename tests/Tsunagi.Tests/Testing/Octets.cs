using System.Buffers;
using System.Text;

namespace Tsunagi.Tests.Testing;

/// <summary>Octets written as Latin-1 text, and the same octets cut into segments: what parser tests are made of.</summary>
public static class Octets
{
    /// <summary>Each character is one octet.</summary>
    public static byte[] Of(string latin1) => Encoding.Latin1.GetBytes(latin1);

    /// <summary>The octets as text of one character each.</summary>
    public static string Show(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);

    /// <summary>One sequence whose segments end at <paramref name="cuts"/>.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> octets, params IEnumerable<int> cuts)
    {
        Segment? first = null, last = null;
        int start = 0;
        foreach (int cut in cuts.Append(octets.Length).Select(c => Math.Clamp(c, 0, octets.Length)).Order())
        {
            last = new Segment(octets[start..cut], last);
            first ??= last;
            start = cut;
        }
        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    /// <summary>One octet to a segment.</summary>
    public static ReadOnlySequence<byte> CutEverywhere(ReadOnlyMemory<byte> octets) => Cut(octets, Enumerable.Range(1, Math.Max(0, octets.Length - 1)));

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            if (before is not null)
            {
                before.Next = this;
            }
        }
    }
}
