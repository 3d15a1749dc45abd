using System.Buffers;
using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>The header section of a message, copied and divided into its fields as they stand, the first on top.</summary>
public sealed class HeaderSection
{
    private const int FirstCopy = 16 * 1024;
    private readonly byte[] _octets;
    private readonly List<Field> _fields = [];
    private readonly Dictionary<string, List<int>> _byName = new(StringComparer.OrdinalIgnoreCase);

    private HeaderSection(byte[] octets, HeaderLimits limits)
    {
        // A field that is passed over for its length could neither be signed nor be taken off, while others see it: here none is.
        _octets = octets;
        var reader = new HeaderReader(octets, limits with { FieldOctets = limits.SectionOctets });
        while (reader.Read())
        {
            string name = Encoding.ASCII.GetString(reader.Field.Name);
            if (!_byName.TryGetValue(name, out List<int>? places))
            {
                _byName.Add(name, places = []);
            }

            places.Add(_fields.Count);
            _fields.Add(new Field(name, reader.Offset, reader.FieldEnd - reader.Offset, reader.FieldEnd - reader.Field.Body.Length));
        }

        End = reader.End;
        BodyOffset = reader.Offset;
    }

    /// <summary>How the section ended; with <see cref="HeaderEnd.Limit"/> it was not read whole and nothing can be said of its signatures.</summary>
    public HeaderEnd End { get; }

    /// <summary>Where the body begins in the message.</summary>
    public int BodyOffset { get; }

    /// <summary>How many fields there are.</summary>
    public int Count => _fields.Count;

    /// <summary>Reads the section at the head of a message.</summary>
    public static HeaderSection Read(ReadOnlySpan<byte> message, HeaderLimits? limits = null)
    {
        limits ??= HeaderLimits.Default;
        for (int copied = FirstCopy; ; copied *= 4)
        {
            int most = Math.Min(message.Length, limits.SectionOctets + 4);
            var section = new HeaderSection(message[..Math.Min(copied, most)].ToArray(), limits);
            if (section.End != HeaderEnd.Input || copied >= most)
            {
                return section;
            }
        }
    }

    /// <summary>Reads the section at the head of a message; no more of the message is copied than about that.</summary>
    public static HeaderSection Read(in ReadOnlySequence<byte> message, HeaderLimits? limits = null)
    {
        limits ??= HeaderLimits.Default;
        for (long copied = FirstCopy; ; copied *= 4)
        {
            long most = Math.Min(message.Length, limits.SectionOctets + 4L);
            var section = new HeaderSection(message.Slice(0, Math.Min(copied, most)).ToArray(), limits);
            // An end at the cut is none: the last field may go on behind it.
            if (section.End != HeaderEnd.Input || copied >= most)
            {
                return section;
            }
        }
    }

    /// <summary>The name of a field, as it stands.</summary>
    public string Name(int index) => _fields[index].Name;

    /// <summary>A field with its name, without its last line end.</summary>
    public ReadOnlySpan<byte> Raw(int index) => _octets.AsSpan(_fields[index].Start, _fields[index].Length);

    /// <summary>What stands behind the colon of a field, without its last line end.</summary>
    public ReadOnlySpan<byte> Body(int index) => _octets.AsSpan(_fields[index].BodyStart, _fields[index].Start + _fields[index].Length - _fields[index].BodyStart);

    /// <summary>The fields of a name, the topmost first.</summary>
    public IReadOnlyList<int> Find(string name) => _byName.TryGetValue(name, out List<int>? places) ? places : [];

    /// <summary>The section as it came, its empty line included, without the given fields.</summary>
    internal void WriteWithout(IReadOnlyCollection<int> fields, IBufferWriter<byte> output)
    {
        int kept = 0;
        foreach (int index in fields.Order())
        {
            output.Write(_octets.AsSpan(kept, _fields[index].Start - kept));
            kept = _fields[index].Start + _fields[index].Length;
            kept += _octets.AsSpan(kept).StartsWith("\r\n"u8) ? 2 : _octets.AsSpan(kept).StartsWith("\n"u8) ? 1 : 0;
        }

        output.Write(_octets.AsSpan(kept, Math.Max(0, BodyOffset - kept)));
    }

    private readonly record struct Field(string Name, int Start, int Length, int BodyStart);
}
