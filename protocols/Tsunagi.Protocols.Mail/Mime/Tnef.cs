using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>
/// What Outlook sends as winmail.dat (MS-OXTNEF): attributes of a message and of its files. Read are the files, by the places of their octets, and their names; what a message says of itself beside them is passed over.
/// Nothing is copied. What is cut, contradicts itself or goes beyond a limit is told, never guessed.
/// </summary>
public sealed class Tnef
{
    // MS-OXTNEF section 2.1.3.2: signature(4) key(2), then attributes: level(1) id(4) length(4) data(length) checksum(2); all little-endian
    private const uint Signature = 0x223E9F78;
    private const int HeadOctets = 6;
    private const int AttributeHead = 9;

    private const uint AttachRenderData = 0x00069002;
    private const uint AttachTitle = 0x00018010;
    private const uint AttachTransportName = 0x00069001;
    private const uint AttachData = 0x0006800F;
    private const uint AttachProperties = 0x00069005;
    private const uint OemCodepage = 0x00069007;

    // MS-OXPROPS
    private const ushort PropertyFileName = 0x3704;
    private const ushort PropertyLongFileName = 0x3707;
    private const ushort PropertyDisplayName = 0x3001;
    private const ushort PropertyData = 0x3701;

    private readonly List<TnefAttachment> _attachments = [];
    private readonly TnefLimits _limits;
    private readonly List<string> _names = [];
    private string _charset = "";
    private bool _isOpen;
    private int _pending;

    private Tnef(TnefLimits limits) => _limits = limits;

    /// <summary>The files, in their order.</summary>
    public IReadOnlyList<TnefAttachment> Attachments => _attachments;

    /// <summary>What is wrong with it, in one sentence; empty where all of it was read. The attachments up to there stand in the list.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>It begins as such a file does, whatever its name and type say.</summary>
    public static bool Is(ReadOnlySpan<byte> file) => file.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(file) == Signature;

    /// <summary>Reads a whole file. False when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, TnefLimits? limits, out Tnef? tnef)
    {
        tnef = null;
        if (!Is(file))
        {
            return false;
        }

        tnef = new Tnef(limits ?? TnefLimits.Default);
        tnef.Read(file);
        return true;
    }

    private void Read(ReadOnlySpan<byte> file)
    {
        int at = HeadOctets;
        int attributes = 0;
        while (at < file.Length)
        {
            if (file.Length - at < AttributeHead)
            {
                // Some writers pad the end with zeroes.
                Tell(file[at..].IndexOfAnyExcept((byte)0) < 0, "it is cut within an attribute");
                break;
            }

            uint id = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 1)..]);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 5)..]);
            int start = at + AttributeHead;
            if (length > file.Length - start)
            {
                Tell(false, "it is cut within an attribute");
                break;
            }

            if (++attributes > _limits.Attributes)
            {
                Tell(false, $"it has more than {_limits.Attributes} attributes");
                break;
            }

            int end = start + (int)length;
            ReadAttribute(file, id, start, end);
            ReadOnlySpan<byte> checksum = file[end..Math.Min(end + 2, file.Length)];
            Tell(checksum.Length == 2 && BinaryPrimitives.ReadUInt16LittleEndian(checksum) == SumOf(file[start..end]), "a checksum is wrong");
            at = end + 2;
        }

        Close();
    }

    private void ReadAttribute(ReadOnlySpan<byte> file, uint id, int start, int end)
    {
        switch (id)
        {
            case OemCodepage when end - start >= 4:
                _charset = CharsetOf(BinaryPrimitives.ReadUInt32LittleEndian(file[start..]));
                break;
            case AttachRenderData:
                Close();
                _isOpen = true;
                break;
            case AttachTitle or AttachTransportName:
                AddName(Text(file[start..end]));
                break;
            case AttachData:
                AddContent(start, end);
                break;
            case AttachProperties:
                ReadProperties(file, start, end);
                break;
        }
    }

    // count(4), then properties: type(2) id(2) [name] [count(4)] values (MS-OXTNEF section 2.1.3.4)
    private void ReadProperties(ReadOnlySpan<byte> file, int start, int end)
    {
        var reader = new Octets(file[..end], start);
        uint count = reader.Number();
        if (count > _limits.Properties)
        {
            Tell(false, $"a file has more than {_limits.Properties} properties");
            return;
        }

        for (uint i = 0; i < count && !reader.IsBroken; i++)
        {
            ushort type = reader.Word();
            ushort id = reader.Word();
            if (id >= 0x8000)
            {
                SkipName(ref reader);
            }

            ReadValues(file, ref reader, type, id);
        }

        Tell(!reader.IsBroken, "the properties of a file are cut");
    }

    // guid(16) kind(4), then an id(4), or a length(4) and a text padded to 4
    private static void SkipName(ref Octets reader)
    {
        reader.Skip(16);
        if (reader.Number() == 0)
        {
            reader.Skip(4);
        }
        else
        {
            reader.Skip(reader.Number());
            reader.Align();
        }
    }

    private void ReadValues(ReadOnlySpan<byte> file, ref Octets reader, ushort type, ushort id)
    {
        bool isMany = (type & 0x1000) != 0;
        int fixedOctets = (type & 0x0FFF) switch { 0x0002 or 0x0003 or 0x0004 or 0x000A or 0x000B => 4, 0x0005 or 0x0006 or 0x0007 or 0x0014 or 0x0040 => 8, 0x0048 => 16, 0x000D or 0x001E or 0x001F or 0x0102 => 0, _ => -1 };
        if (fixedOctets < 0)
        {
            reader.Break();
            return;
        }

        uint values = isMany || fixedOctets == 0 ? reader.Number() : 1;
        for (uint i = 0; i < values && !reader.IsBroken; i++)
        {
            if (fixedOctets > 0)
            {
                reader.Skip((uint)fixedOctets);
                continue;
            }

            uint length = reader.Number();
            int start = reader.At;
            reader.Skip(length);
            if (!reader.IsBroken)
            {
                Take(file, type & 0x0FFF, id, start, reader.At);
            }

            reader.Align();
        }
    }

    private void Take(ReadOnlySpan<byte> file, int type, ushort id, int start, int end)
    {
        if (id is PropertyFileName or PropertyLongFileName or PropertyDisplayName && type is 0x001E or 0x001F)
        {
            AddName(type == 0x001F ? Encoding.Unicode.GetString(file[start..end]).TrimEnd('\0') : Text(file[start..end]));
        }
        else if (id == PropertyData && type is 0x000D or 0x0102 && end > start)
        {
            // An object begins with the id of its interface; what lies behind it is the object (a message is TNEF again).
            AddContent(type == 0x000D && end - start > 16 ? start + 16 : start, end);
        }
    }

    private void AddName(string name)
    {
        string clean = DisplayText.Clean(name, _limits.NameCharacters);
        if (clean.Length > 0 && !_names.Contains(clean) && _names.Count < _limits.Names)
        {
            _names.Add(clean);
        }

        _isOpen = true;
    }

    // The second content of one file is another file: which of the two a reader takes is not known.
    private void AddContent(int start, int end)
    {
        if (_attachments.Count >= _limits.Attachments)
        {
            Tell(false, $"it holds more than {_limits.Attachments} files");
            return;
        }

        _attachments.Add(new TnefAttachment([], start, end - start));
        _isOpen = true;
        _pending++;
    }

    // What was named belongs to every content since the last file began.
    private void Close()
    {
        if (_isOpen && _pending == 0 && _names.Count > 0 && _attachments.Count < _limits.Attachments)
        {
            _attachments.Add(new TnefAttachment([.. _names], 0, 0));
        }

        for (int i = _attachments.Count - _pending; i < _attachments.Count; i++)
        {
            _attachments[i] = _attachments[i] with { Names = [.. _names] };
        }

        _names.Clear();
        (_isOpen, _pending) = (false, 0);
    }

    private string Text(ReadOnlySpan<byte> octets) => _charset.Length > 0 ? MailCharset.Decode(octets.TrimEnd((byte)0), _charset) : MailCharset.DecodeBare(octets.TrimEnd((byte)0));

    private void Tell(bool isRight, string problem) => Problem = isRight || Problem.Length > 0 ? Problem : problem;

    private static ushort SumOf(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        foreach (byte octet in data)
        {
            sum += octet;
        }

        return (ushort)sum;
    }

    private static string CharsetOf(uint codepage) => codepage switch
    {
        932 => "shift_jis", 65001 => "utf-8", 51932 or 20932 => "euc-jp", 1250 => "windows-1250", 1251 => "windows-1251", 1252 => "windows-1252", 936 => "gb2312", 949 => "ks_c_5601-1987", 950 => "big5", _ => "",
    };

    /// <summary>Reads numbers within an attribute; what lies behind its end breaks it, once and for all.</summary>
    private ref struct Octets(ReadOnlySpan<byte> file, int start)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private readonly int _start = start;

        public int At { get; private set; } = start;

        public bool IsBroken { get; private set; }

        public ushort Word()
        {
            int at = At;
            Skip(2);
            return IsBroken ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(_file[at..]);
        }

        public uint Number()
        {
            int at = At;
            Skip(4);
            return IsBroken ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(_file[at..]);
        }

        public void Skip(uint count)
        {
            if (IsBroken || count > _file.Length - At)
            {
                Break();
                return;
            }

            At += (int)count;
        }

        /// <summary>Values are padded to 4 octets; the last one may lack that.</summary>
        public void Align() => At = Math.Min(_file.Length, At + ((4 - ((At - _start) & 3)) & 3));

        public void Break() => IsBroken = true;
    }
}

/// <summary>A file within a TNEF file.</summary>
/// <param name="Names">The names it has, decoded and fit to be shown: of the title, then those of the properties that are others.</param>
/// <param name="Start">Where its octets begin in the file it was read from.</param>
/// <param name="Length">How many there are; 0 for one that is only named.</param>
public sealed record TnefAttachment(ImmutableArray<string> Names, int Start, int Length);

/// <summary>How much of a TNEF file is read. What lies beyond is told as a problem.</summary>
public sealed record TnefLimits
{
    /// <summary>The defaults.</summary>
    public static TnefLimits Default { get; } = new();

    /// <summary>Attributes of the file.</summary>
    public int Attributes { get; init; } = 20_000;

    /// <summary>Properties of one of its files.</summary>
    public int Properties { get; init; } = 2_000;

    /// <summary>Files.</summary>
    public int Attachments { get; init; } = 500;

    /// <summary>Names of one file.</summary>
    public int Names { get; init; } = 4;

    /// <summary>Characters of a name.</summary>
    public int NameCharacters { get; init; } = 255;
}
