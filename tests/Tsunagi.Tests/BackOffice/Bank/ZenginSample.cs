using System.Globalization;
using System.Text;

namespace Tsunagi.Tests.BackOffice.Bank;

/// <summary>Writes Zengin files as a bank does, so that tests say only what matters: fields in their lengths, trailers that add up unless told otherwise.</summary>
internal sealed class ZenginSample(string kind, string lineEnd = "\r\n")
{
    private readonly List<string> _records = [];
    private long _in, _out, _countIn, _countOut, _opening;
    private int _accounts;

    public long TrailerOff { get; set; }

    public static string N(long value, int length) => value.ToString(CultureInfo.InvariantCulture).PadLeft(length, '0');

    public static string C(string text, int length) => text.PadRight(length)[..length];

    public ZenginSample Header(string number = "0012345", long opening = 100_000)
    {
        (_in, _out, _countIn, _countOut, _opening) = (0, 0, 0, 0, opening);
        _records.Add(kind switch
        {
            "01" => "1010" + "081102" + "081030" + "081031" + "9901" + C("ﾅﾆﾜ", 15) + "123" + C("ｷﾀﾊﾏ", 15) + "1" + number + C("ｷﾀﾊﾏﾈﾂﾄﾜ-ｸ(ｶ", 40) + C("", 93),
            "03" => "1030" + "081102" + "081030" + "081031" + "9901" + C("ﾅﾆﾜ", 15) + "123" + C("ｷﾀﾊﾏ", 15) + "000" + "1" + number.PadLeft(10, '0') + C("ｷﾀﾊﾏﾈﾂﾄﾜ-ｸ(ｶ", 40) + (opening < 0 ? "2" : "1") + "1" + N(Math.Abs(opening), 14) + C("", 71),
            _ => "1910" + "0000012345" + C("ｷﾀﾊﾏﾈﾂﾄﾜ-ｸ(ｶ", 40) + "1027" + "9901" + C("ﾅﾆﾜ", 15) + "123" + C("ｷﾀﾊﾏ", 15) + "1" + number + C("", 17),
        });
        return this;
    }

    /// <summary>A data record; a negative amount went out, was taken back, or (kind 91) was refused.</summary>
    public ZenginSample Data(long amount, string payer, string edi = "", int inquiry = 0, string date = "081030", string payerCode = "")
    {
        var size = Math.Abs(amount);
        if (amount >= 0)
        {
            (_in, _countIn) = (_in + size, _countIn + 1);
        }
        else
        {
            (_out, _countOut) = (_out + size, _countOut + 1);
        }

        _records.Add(kind switch
        {
            "01" => "2" + N(inquiry, 6) + date + date + N(size, 10) + N(0, 10) + C(payerCode, 10) + C(payer, 48) + C("ﾐﾔｺ", 15) + C("ﾎﾝﾃﾝ", 15) + (amount < 0 ? "1" : " ") + C(edi, 20) + C("", 52),
            "03" => "2" + N(inquiry, 8) + date + date + (amount < 0 ? "2" : "1") + "11" + N(size, 12) + N(0, 12) + "000000" + "000000" + "0" + "0000000" + "000" + C(payerCode, 10) + C(payer, 48) + C("ﾐﾔｺ", 15) + C("ﾎﾝﾃﾝ", 15) + C("ﾌﾘｺﾐ", 20) + C(edi, 20) + " ",
            _ => "2" + "9902" + C("ﾐﾔｺ", 15) + "001" + C("ﾎﾝﾃﾝ", 15) + C("", 4) + "1" + "7654321" + C(payer, 30) + N(size, 10) + "0" + C(edi, 20) + (amount < 0 ? "1" : "0") + C("", 8),
        });
        return this;
    }

    public ZenginSample Trailer()
    {
        _accounts++;
        _records.Add(kind switch
        {
            "01" => "8" + N(_countIn, 6) + N(_in + TrailerOff, 12) + N(_countOut, 6) + N(_out, 12) + C("", 163),
            "03" => "8" + N(_countIn, 6) + N(_in + TrailerOff, 13) + N(_countOut, 6) + N(_out, 13) + (_opening + _in - _out < 0 ? "2" : "1") + N(Math.Abs(_opening + _in - _out), 14) + N(_countIn + _countOut, 7) + C("", 139),
            _ => "8" + N(_countIn + _countOut, 6) + N(_in + _out, 12) + N(_countIn, 6) + N(_in + TrailerOff, 12) + N(_countOut, 6) + N(_out, 12) + C("", 65),
        });
        return this;
    }

    public byte[] End()
    {
        _records.Add(kind == "91" ? "9" + C("", 119) : "9" + N(_records.Count + 1, 10) + N(_accounts, 5) + C("", 184));
        return Octets(string.Concat(_records.Select(record => record + lineEnd)));
    }

    /// <summary>One octet a character: ASCII and the half-width kana of JIS X 0201.</summary>
    public static byte[] Octets(string text)
    {
        var octets = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            octets[i] = text[i] < 0x80 ? (byte)text[i] : (byte)(text[i] - 0xFF61 + 0xA1);
        }

        return octets;
    }

    public static string Shown(byte[] octets) => new([.. octets.Select(octet => octet < 0x80 ? (char)octet : (char)(octet - 0xA1 + 0xFF61))]);
}
