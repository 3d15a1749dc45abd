using System.Collections.Immutable;
using System.Globalization;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>
/// Reads formats from the text of our own tables:
/// <code>
/// format = fields *( "|" fields )                      the first that fits
/// fields = value / 1*( name ":" value ["?"] / bits / cases )
/// bits   = "[" 1*( name ":" width ["=" names] ) "]"    the highest first
/// cases  = "{" case *( ";" case ) "}"                  by the number in the first field
/// case   = ( number / "else" ) ":" fields
/// value  = ( type ["=" names] / "(" format ")" ) *( "/1" / "/2" / "*" / "+" / "~" )
/// </code>
/// <c>/1</c> and <c>/2</c>: a length of so many octets stands before it; <c>*</c>: any number of them to the end; <c>+</c>: at least one; <c>~</c>: as many as follow the format.
/// </summary>
internal ref struct DhcpFormatText
{
    private readonly string _text;
    private int _at;

    private DhcpFormatText(string text) => _text = text;

    /// <summary>A format of our tables.</summary>
    /// <exception cref="FormatException">The table is wrong.</exception>
    public static DhcpFormat Read(string text)
    {
        var reader = new DhcpFormatText(text);
        DhcpFormat format = reader.Either();
        return reader.Peek() == '\0' ? format : throw reader.Wrong();
    }

    private readonly FormatException Wrong() => new($"reading the format '{_text}': it is wrong at {_at}");

    private char Peek()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }

        return _at < _text.Length ? _text[_at] : '\0';
    }

    private bool Eat(char expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    private string Word()
    {
        Peek();
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '-'))
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Wrong();
    }

    private DhcpFormat Either()
    {
        ImmutableArray<DhcpFormat>.Builder formats = ImmutableArray.CreateBuilder<DhcpFormat>();
        do
        {
            formats.Add(Fields());
        }
        while (Eat('|'));
        return formats.Count == 1 ? formats[0] : new EitherFormat(formats.ToImmutable());
    }

    private DhcpFormat Fields()
    {
        ImmutableArray<IFieldsPart>.Builder parts = ImmutableArray.CreateBuilder<IFieldsPart>();
        string first = "";
        while (Peek() is not ('\0' or '|' or ')' or ';' or '}'))
        {
            if (Eat('['))
            {
                parts.Add(Bits());
                continue;
            }

            if (Eat('{'))
            {
                parts.Add(Cases(first));
                continue;
            }

            int start = _at;
            string name = Peek() == '(' ? "" : Word();
            if (name.Length == 0 || !Eat(':'))
            {
                _at = start;
                return Value();
            }

            first = first.Length == 0 ? name : first;
            DhcpFormat value = Value();
            parts.Add(new FieldPart(name, value, isOptional: Eat('?')));
        }

        return new FieldsFormat(parts.ToImmutable());
    }

    private BitsPart Bits()
    {
        ImmutableArray<(string, int, Func<ulong, string?>?)>.Builder bits = ImmutableArray.CreateBuilder<(string, int, Func<ulong, string?>?)>();
        while (!Eat(']'))
        {
            string name = Word();
            int width = Eat(':') ? int.Parse(Word(), CultureInfo.InvariantCulture) : throw Wrong();
            bits.Add((name, width, Eat('=') ? DhcpNames.Of(Word()) : null));
        }

        return new BitsPart(bits.ToImmutable());
    }

    private CasesPart Cases(string first)
    {
        ImmutableDictionary<ulong, FieldsFormat>.Builder cases = ImmutableDictionary.CreateBuilder<ulong, FieldsFormat>();
        FieldsFormat? otherwise = null;
        do
        {
            string number = Word();
            FieldsFormat fields = Eat(':') && Fields() is FieldsFormat read ? read : throw Wrong();
            if (number == "else")
            {
                otherwise = fields;
            }
            else
            {
                cases.Add(ulong.Parse(number, CultureInfo.InvariantCulture), fields);
            }
        }
        while (Eat(';'));
        return Eat('}') ? new CasesPart(first, cases.ToImmutable(), otherwise) : throw Wrong();
    }

    private DhcpFormat Value()
    {
        DhcpFormat value;
        if (Eat('('))
        {
            value = Either();
            if (!Eat(')'))
            {
                throw Wrong();
            }
        }
        else
        {
            string type = Word();
            value = Type(type, Eat('=') ? Word() : "");
        }

        while (true)
        {
            if (Eat('/'))
            {
                value = new SizedFormat(int.Parse(Word(), CultureInfo.InvariantCulture), value);
            }
            else if (Peek() is '*' or '+' or '~')
            {
                value = new ManyFormat(value, _text[_at] == '+' ? 1 : 0, stops: _text[_at] == '~');
                _at++;
            }
            else
            {
                return value;
            }
        }
    }

    private readonly DhcpFormat Type(string type, string argument) => type switch
    {
        "u8" or "u16" or "u24" or "u32" or "u64" => new NumberFormat(int.Parse(type.AsSpan(1), CultureInfo.InvariantCulture) / 8, argument.Length == 0 ? null : DhcpNames.Of(argument)),
        "i32" => new SignedFormat(),
        "bool" => new FlagFormat(),
        "none" => new NoneFormat(),
        "text" => new TextFormat(least: 0),
        "line" => new TextFormat(least: 1),
        "octets" => new OctetsFormat(DhcpOctetsForm.Hexadecimal),
        "octets1" or "octets2" or "octets3" or "octets4" or "octets6" or "octets8" => new OctetsFormat(DhcpOctetsForm.Hexadecimal, type[^1] - '0'),
        "opaque" => new OctetsFormat(DhcpOctetsForm.Opaque),
        "opaque2" => new OctetsFormat(DhcpOctetsForm.Opaque, 2),
        "link" => new OctetsFormat(DhcpOctetsForm.LinkLayer),
        "uuid" => new OctetsFormat(DhcpOctetsForm.Uuid, 16),
        "fill" => new FillFormat(),
        "ip4" => new AddressFormat(4),
        "ip6" => new AddressFormat(16),
        "ip6part" => new AddressFormat(16, part: true),
        "prefix4" => new PrefixFormat(4, isShort: false),
        "prefix4short" => new PrefixFormat(4, isShort: true),
        "prefix6" => new PrefixFormat(16, isShort: false),
        "prefix6short" => new PrefixFormat(16, isShort: true),
        "name" => new DomainFormat(DomainForm.Whole),
        "label" => new DomainFormat(DomainForm.NotRoot),
        "host" => new DomainFormat(DomainForm.Partial),
        "names" => new DomainFormat(DomainForm.Compressed),
        "duid" => new LateFormat(static () => DhcpNames.Duid),
        "options" => new LateFormat(static () => Dhcp6Format.Options),
        "neighbor" => new LateFormat(static () => NeighborFormat.Options),
        "short" or "long" or "padded" => new LateFormat(() => Options(type, argument)),
        "radius" => new LateFormat(static () => new OptionsFormat(DhcpRegistry.Radius, DhcpFraming.Counted, isStrict: true)),
        "message6" => new LateFormat(static () => Dhcp6Format.Message),
        "message4" => new LateFormat(static () => Dhcp4Format.Message),
        _ => throw Wrong(),
    };

    private static OptionsFormat Options(string framing, string registry) => new(
        registry == "agent" ? DhcpRegistry.RelayAgent : DhcpRegistry.Small[registry],
        framing switch { "short" => DhcpFraming.Short, "long" => DhcpFraming.Long, _ => DhcpFraming.Padded },
        isStrict: true);
}

/// <summary>A format that is made when it is first needed: options hold options, and messages messages.</summary>
internal sealed class LateFormat(Func<DhcpFormat> make) : DhcpFormat
{
    private DhcpFormat? _made;

    public override bool TryRead(ref DhcpInput input, out DhcpValue value) => (_made ??= make()).TryRead(ref input, out value);

    public override bool TryWrite(DhcpValue value, System.Buffers.ArrayBufferWriter<byte> output) => (_made ??= make()).TryWrite(value, output);
}
