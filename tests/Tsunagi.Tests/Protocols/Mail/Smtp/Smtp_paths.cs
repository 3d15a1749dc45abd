using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

public class Smtp_paths
{
    [Theory]
    [InlineData("smith@example.com", "smith", "example.com", "smith@example.com")]
    [InlineData("Smith@EXAMPLE.Com", "Smith", "example.com", "Smith@example.com")]
    [InlineData("\"smith\"@example.com", "smith", "example.com", "smith@example.com")]
    [InlineData("\"john doe\"@example.com", "john doe", "example.com", "\"john doe\"@example.com")]
    [InlineData("\"a\\\"b\\\\c\"@example.com", "a\"b\\c", "example.com", "\"a\\\"b\\\\c\"@example.com")]
    [InlineData("\"a@b\"@example.com", "a@b", "example.com", "\"a@b\"@example.com")]
    [InlineData("\"\"@example.com", "", "example.com", "\"\"@example.com")]
    [InlineData("taro..yamada.@docomo.example", "taro..yamada.", "docomo.example", "\"taro..yamada.\"@docomo.example")]
    [InlineData("user+tag@[192.0.2.1]", "user+tag", "[192.0.2.1]", "user+tag@[192.0.2.1]")]
    [InlineData("u@[IPv6:2001:db8:0:0::1]", "u", "[IPv6:2001:db8::1]", "u@[IPv6:2001:db8::1]")]
    [InlineData("u@[x400:c=jp]", "u", "[x400:c=jp]", "u@[x400:c=jp]")]
    [InlineData("日本@例え.テスト", "日本", "例え.テスト", "日本@例え.テスト")]
    [InlineData("o'neil&co/%=?^_`{|}~!#$*@x.example", "o'neil&co/%=?^_`{|}~!#$*", "x.example", "o'neil&co/%=?^_`{|}~!#$*@x.example")]
    public void Hold_a_mailbox_in_one_form(string text, string local, string domain, string written)
    {
        Assert.True(Mailbox.TryParse(text, out Mailbox? mailbox));
        Assert.Equal((local, domain, written), (mailbox!.LocalPart, mailbox.Domain, mailbox.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("@example.com")]
    [InlineData("smith")]
    [InlineData("smith@")]
    [InlineData("smith@.com")]
    [InlineData("smith@example..com")]
    [InlineData("smith@example.com.")]
    [InlineData("smith@-a.example")]
    [InlineData("smith@a-.example")]
    [InlineData("a b@example.com")]
    [InlineData("a\u0000b@example.com")]
    [InlineData("a\r\nb@example.com")]
    [InlineData("\"a\rb\"@example.com")]
    [InlineData("\"a\\\nb\"@example.com")]
    [InlineData("\"a@example.com")]
    [InlineData("\"a\"b@example.com")]
    [InlineData("a@b@example.com")]
    [InlineData("a@example.com ")]
    [InlineData("a@[192.0.2]")]
    [InlineData("a@[192.0.2.256]")]
    [InlineData("a@[192.0.02.1]")]
    [InlineData("a@[IPv6:1.2.3.4]")]
    [InlineData("a@[IPv6:fe80::1%eth0]")]
    [InlineData("a@[2001:db8::1")]
    [InlineData("a@[]")]
    [InlineData("a\u0085b@example.com")]
    [InlineData("\"a\u2028b\"@example.com")]
    [InlineData("a\u202eb@example.com")]
    [InlineData("a@exam\u008bple.com")]
    [InlineData("a@exam\u200eple.com")]
    public void Refuse_what_is_no_mailbox(string text) => Assert.False(Mailbox.TryParse(text, out _));

    [Fact]
    public void Refuse_octets_that_are_no_utf8()
    {
        Assert.False(Mailbox.TryParse([(byte)'a', 0xC3, (byte)'@', (byte)'b'], out _));
        Assert.False(Mailbox.TryParse([(byte)'a', (byte)'@', (byte)'b', 0xFF], out _));
        Assert.False(Mailbox.TryParse([(byte)'"', 0xC3, (byte)'"', (byte)'@', (byte)'b'], out _));
    }

    [Theory]
    [InlineData("<@hosta.example,@hostb.example:joe@c.example>", "<joe@c.example>")]
    [InlineData("<@hosta.example:joe@c.example>", "<joe@c.example>")]
    public void Read_over_a_source_route(string text, string path)
    {
        Assert.True(ForwardPath.TryParse(Octets.Of(text), out ForwardPath forward));
        Assert.Equal(path, forward.ToString());
    }

    [Theory]
    [InlineData("<@hosta.example>")]
    [InlineData("<@hosta.example,joe@c.example>")]
    [InlineData("<@hosta.example;joe@c.example>")]
    [InlineData("<@:joe@c.example>")]
    [InlineData("<@")]
    [InlineData("<")]
    [InlineData("<joe@c.example>>")]
    public void Refuse_a_broken_route_or_bracket(string text)
    {
        Assert.False(ForwardPath.TryParse(Octets.Of(text), out _));
        Assert.False(ReversePath.TryParse(Octets.Of(text), out _));
    }

    [Fact]
    public void Give_the_address_of_a_literal()
    {
        Assert.True(Mailbox.TryParse("a@[IPv6:2001:db8::5]", out Mailbox? mailbox));
        Assert.True(mailbox!.TryGetAddress(out IPAddress? address));
        Assert.Equal(IPAddress.Parse("2001:db8::5"), address);
        Assert.True(Mailbox.TryParse("a@example.com", out mailbox));
        Assert.False(mailbox!.TryGetAddress(out _));
    }

    [Fact]
    public void Take_no_general_literal_for_an_address()
    {
        // Found by fuzzing: the tag is "9".
        Assert.True(Mailbox.TryParse("a@[9::2.0.2.1]", out Mailbox? mailbox));
        Assert.False(mailbox!.TryGetAddress(out _));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Take_a_local_part_of_64_octets_and_no_more(int octets, bool taken) =>
        Assert.Equal(taken, Mailbox.TryParse(new string('a', octets) + "@b.example", out _));

    [Fact]
    public void Count_the_quotes_of_a_local_part()
    {
        Assert.True(Mailbox.TryParse($"\"{new string('a', 61)} \"@b.example", out _));
        Assert.False(Mailbox.TryParse($"\"{new string('a', 62)} \"@b.example", out _));
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void Take_a_domain_of_255_octets_and_no_more(int octets, bool taken)
    {
        string label = new string('d', 63) + ".";
        string domain = string.Concat(Enumerable.Repeat(label, 4))[..^1];
        domain = octets == 255 ? domain : domain + "d"; // the last label then has 64
        Assert.Equal(255 + (octets - 255), domain.Length);
        Assert.Equal(taken, SmtpCommand.TryParse(Octets.Of("EHLO " + domain), null, out _, out _));
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Take_a_path_of_256_octets_and_no_more(int octets, bool taken)
    {
        string domain = string.Join('.', Enumerable.Repeat(new string('d', 47), 4)); // 191
        string local = new string('a', octets - 2 - 1 - domain.Length);
        Assert.Equal(taken, ForwardPath.TryParse(Octets.Of($"<{local}@{domain}>"), out _, new SmtpLimits { LocalPartOctets = 100 }));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Take_a_label_of_63_octets_and_no_more(int octets, bool taken) =>
        Assert.Equal(taken, Mailbox.TryParse($"a@{new string('d', octets)}.example", out _));

    [Fact]
    public void Read_back_what_was_written()
    {
        Gen<string> local = from n in Gen.Choose(1, 20)
                            from chars in Gen.ArrayOf(Gen.Elements("abcXYZ019.!#$%&'*+-/=?^_`{|}~ \"\\@<>(),:;[]日é".ToCharArray()), n)
                            select new string(chars);
        Properties.Holds(local, part =>
        {
            string text = $"\"{part.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"@Example.com";
            Assert.True(Mailbox.TryParse(text, out Mailbox? once), text);
            Assert.Equal(part, once!.LocalPart);
            Assert.True(Mailbox.TryParse(once.ToString(), out Mailbox? twice), once.ToString());
            Assert.Equal(once, twice);
        });
    }

    [Fact]
    public void Never_hold_a_control_character()
    {
        Properties.Holds(Properties.Bytes("<a@b.c>\"\\\r\n\0 [:]", 40), octets =>
        {
            if (ReversePath.TryParse(octets, out ReversePath path))
            {
                Assert.DoesNotContain(path.ToString(), char.IsControl);
                Assert.True(ReversePath.TryParse(Encoding.UTF8.GetBytes(path.ToString()), out ReversePath again));
                Assert.Equal(path, again);
            }
        }, 3000);
    }
}
