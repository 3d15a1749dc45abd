using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

public sealed class Message_tokens
{
    [Fact]
    public void Words_stand_alone_and_with_those_before_them()
    {
        var found = Read("Subject: x\r\n\r\nClick HERE now\r\n");
        Assert.Contains("Word click", found);
        Assert.Contains("Word here", found);
        Assert.Contains("Capitals here", found);
        Assert.Contains("Word click here", found);
        Assert.Contains("Word click … now", found);
    }

    [Theory]
    [InlineData("Subject: =?iso-2022-jp?B?GyRCQEE1YT1xGyhC?=\r\n\r\n", "Subject 請求")]
    [InlineData("Subject: =?iso-2022-jp?B?GyRCQEE1YT1xGyhC?=\r\n\r\n", "Subject 請求書")]
    [InlineData("From: \"PayPal\" <x9@mail.shop.example.co.jp>\r\n\r\n", "FromAddress example.co.jp")]
    [InlineData("From: \"PayPal\" <x9@mail.shop.example.com>\r\n\r\n", "FromName paypal")]
    [InlineData("Reply-To: a@other.example\r\nFrom: b@one.example.com\r\n\r\n", "FieldForm reply-to of another domain")]
    [InlineData("\r\nsee http://user@192.0.2.1:81/login?a@b\r\n", "LinkForm address instead of a host")]
    [InlineData("\r\nsee http://user@192.0.2.1:81/login?a@b\r\n", "LinkPath login")]
    [InlineData("\r\nonly $1,000,000 and 100%\r\n", "Word $#,###,###")]
    [InlineData("\r\nonly $1,000,000 and 100%\r\n", "Word 100%")]
    [InlineData("\r\nvi\u200Bagra\r\n", "Word viagra")]
    [InlineData("\r\nＦＲＥＥ\r\n", "Word free")]
    [InlineData("\r\nmail joe@mail.example.com\r\n", "Address example.com")]
    [InlineData("\r\n今すぐ確認\r\n", "Word 確認")]
    [InlineData("\r\nセキュリティ\r\n", "Word セキュリティ")]
    [InlineData("Content-Type: text/html\r\n\r\nvia<!-- x -->gra", "Word viagra")]
    [InlineData("Content-Type: text/html\r\n\r\nvia<!-- x -->gra", "Html comment within a word")]
    [InlineData("Content-Type: text/html\r\n\r\n&#86;&#x49;P &amp; more", "Word vip")]
    [InlineData("Content-Type: text/html\r\n\r\n<style>secret{}</style><a href=\"http://evil.example/x\">www.bank.example</a>", "LinkForm the label names another host")]
    [InlineData("Content-Type: text/html\r\n\r\n<p style='display:none'>x", "Html not displayed")]
    [InlineData("Content-Type: application/zip; name=\"invoice.pdf.exe\"\r\n\r\n", "Attachment two endings")]
    [InlineData("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8gd29ybGQ=", "Word hello world")]
    [InlineData("Received: from mail.example.net (unknown [192.0.2.7]) by x with ESMTP; Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n", "Hop 192.0.2")]
    [InlineData("From: a@shop.example\r\n\r\nhttp://www.shop.example/x", "Relation links to the author's domain only")]
    [InlineData("From: a@shop.example\r\n\r\nhttp://evil.example/x", "Relation no link to the author's domain")]
    [InlineData("Received: from mx.shop.example (mx.shop.example [192.0.2.1]) by mail.here.example; Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: a@shop.example\r\nMessage-ID: <1@shop.example>\r\n\r\nhttp://www.shop.example/x", "Relation source, links, id ooo")]
    [InlineData("Received: from a.example (b.example [192.0.2.1]) by mail.here.example with SMTP; 1\r\n\r\n", "Route greets by another name")]
    [InlineData("Received: from a.example (b.example [192.0.2.1]) by mail.here.example with SMTP; 1\r\n\r\n", "Route time unreadable")]
    [InlineData("Subject: Re: your account\r\n\r\n", "FieldForm answer to nothing")]
    [InlineData("To: joe.b@here.example\r\nSubject: joe.b, read this\r\n\r\n", "FieldForm recipient named in subject")]
    [InlineData("Subject: cheap loans          xq93zv\r\n\r\n", "FieldForm subject ends in a code")]
    [InlineData("From: a@b.example\r\nTo: A <a@b.example>\r\n\r\n", "FieldForm to the author")]
    [InlineData("From: a@b.example\r\nMessage-Id: <1@b.example>\r\n\r\n", "FieldOrder from>message-id")]
    [InlineData("From: a@b.example\r\nMessage-Id: <1@b.example>\r\n\r\n", "FieldOrder written Message-Id")]
    [InlineData("Received: from x.example by mail.here.example; Mon, 1 Jan 2024 10:00:00 +0000\r\nDate: Mon, 1 Jan 2024 10:01:00 +0000\r\n\r\n", "FieldForm date as of its way")]
    [InlineData("Received: from x.example by mail.here.example; Mon, 1 Jan 2024 10:00:00 +0000\r\nDate: Sat, 1 Jan 2028 10:01:00 +0000\r\n\r\n", "FieldForm date long ahead")]
    [InlineData("X-Mailer: Microsoft Outlook 16.0\r\n\r\n", "FieldForm Outlook without its mark")]
    [InlineData("In-Reply-To: <1@x>\r\n\r\nI agree\r\n> winner prize\r\n", "Quoted winner prize")]
    [InlineData("\r\n> winner prize\r\n", "Word winner prize")]
    public void What_a_message_shows_is_told(string message, string expected) => Assert.Contains(expected, Read(message));

    [Theory]
    [InlineData("Content-Type: text/html\r\n\r\n<style>secret{}</style><script>secret</script>shown", "Word secret")]
    [InlineData("X-Spam-Status: Yes\r\nDelivered-To: me@here.example\r\n\r\n", "Field x-spam-status")]
    [InlineData("To: me@here.example\r\n\r\n", "Address here.example")]
    [InlineData("Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n", "FieldWord date 2024")]
    [InlineData("Received: from lists.example (lists.example [192.0.2.1]) by mx.here.example; 1\r\nReceived: from a.example by lists.example; 1\r\n\r\n", "Hop lists.example")]
    [InlineData("Received: from a.example by mx.here.example for <me@my.example>; 1\r\n\r\n", "Hop mx.here.example")]
    [InlineData("Received: from a.example by mx.here.example for <me@my.example>; 1\r\n\r\n", "Hop my.example")]
    [InlineData("Received: from box.local.example (localhost [127.0.0.1]) by mx.here.example; 1\r\n\r\n", "Hop box.local.example")]
    [InlineData("List-Id: Linux users <ilug.linux.example>\r\n\r\n", "Field list-id")]
    [InlineData("List-Post: <mailto:a@b>\r\nSender: ilug-admin@linux.example\r\n\r\n", "Field sender")]
    [InlineData("List-Post: <mailto:a@b>\r\nSubject: [ILUG] hello\r\n\r\n", "Subject ilug")]
    [InlineData("List-Post: <mailto:a@b>\r\n\r\ntext\r\n_______________________________________________\r\nusers list\r\n", "Word users")]
    [InlineData("List-Post: <mailto:a@b>\r\n\r\ntext\r\n-- \r\nusers list\r\n", "Word users")]
    public void What_the_receiving_side_adds_and_what_is_not_shown_is_no_token(string message, string never) => Assert.DoesNotContain(never, Read(message));

    [Theory]
    [InlineData("Sender: a@b.example\r\n\r\n", "Field sender")]
    [InlineData("Subject: [ILUG] hello\r\n\r\n", "Subject ilug")]
    [InlineData("\r\ntext\r\n-- \r\nmy signature\r\n", "Word signature")]
    public void What_a_list_would_add_is_told_where_there_is_no_list(string message, string expected) => Assert.Contains(expected, Read(message));

    [Fact]
    public void A_word_at_the_limit_is_taken_and_one_past_it_is_told_by_its_length()
    {
        var limit = TokenLimits.Default.TokenCharacters;
        Assert.Contains("Word " + new string('a', limit), Read("\r\n" + new string('a', limit)));
        var beyond = Read("\r\n" + new string('a', limit + 1));
        Assert.Contains("Word (long word)", beyond);
        Assert.DoesNotContain(beyond, one => one.Contains("aaa", StringComparison.Ordinal));
    }

    [Fact]
    public void Words_links_parts_fields_and_features_have_limits()
    {
        var words = string.Join(' ', Enumerable.Range(0, 50).Select(static i => "w" + Letters(i)));
        Assert.Contains("Word w" + Letters(9), Read("\r\n" + words, new TokenLimits { Words = 10 }));
        Assert.DoesNotContain("Word w" + Letters(10), Read("\r\n" + words, new TokenLimits { Words = 10 }));

        var links = string.Join(' ', Enumerable.Range(0, 5).Select(static i => $"http://h{Letters(i)}.example/"));
        Assert.Contains("LinkHost h" + Letters(1) + ".example", Read("\r\n" + links, new TokenLimits { Links = 2 }));
        Assert.DoesNotContain("LinkHost h" + Letters(2) + ".example", Read("\r\n" + links, new TokenLimits { Links = 2 }));

        var parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b\r\n\r\nthird\r\n--b--\r\n";
        Assert.Contains("Word second", Read(parts, new TokenLimits { TextParts = 2 }));
        Assert.DoesNotContain("Word third", Read(parts, new TokenLimits { TextParts = 2 }));

        var fields = "X-A: 1\r\nX-B: 2\r\nX-C: 3\r\n\r\n";
        Assert.Contains("Field x-b", Read(fields, new TokenLimits { Fields = 2 }));
        Assert.DoesNotContain("Field x-c", Read(fields, new TokenLimits { Fields = 2 }));

        Assert.Contains("Word head", Read("\r\nhead tail", new TokenLimits { PartOctets = 4 }));
        Assert.DoesNotContain("Word tail", Read("\r\nhead tail", new TokenLimits { PartOctets = 4 }));

        var tokens = new MessageTokens(new TokenLimits { Features = 40 });
        tokens.Read(Encoding.ASCII.GetBytes("\r\n" + words));
        Assert.Equal(40, tokens.Count);
    }

    [Fact]
    public void A_second_message_is_read_as_if_there_was_no_first()
    {
        var tokens = new MessageTokens();
        byte[] one = Encoding.UTF8.GetBytes("Subject: first\r\n\r\nsome words"), two = Encoding.UTF8.GetBytes("Subject: second\r\n\r\nother words that are longer");
        tokens.Read(two);
        var alone = Hashes(tokens);
        tokens.Read(one);
        tokens.Read(two);
        Assert.Equal(alone, Hashes(tokens));
    }

    [Fact]
    public void Reading_again_into_the_same_buffers_allocates_little()
    {
        var message = Encoding.ASCII.GetBytes("From: A B <a@b.example>\r\nSubject: hello\r\nContent-Type: text/html\r\n\r\n" + string.Concat(Enumerable.Range(0, 500).Select(static i => $"<p>word{i} and <a href=\"http://h.example/{i}\">link</a></p>\r\n")));
        var tree = Tsunagi.Protocols.Mail.Mime.MimeTree.Read(message);
        var tokens = new MessageTokens();
        tokens.Read(message, tree);
        var before = GC.GetAllocatedBytesForCurrentThread();
        tokens.Read(message, tree);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, message.Length / 2);
    }

    private static string Letters(int number) => string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(static digit => (char)('a' + digit - '0')));

    private static uint[] Hashes(MessageTokens tokens) => [.. Enum.GetValues<FeatureGroup>().SelectMany(group => tokens.Of(group).ToArray())];

    private static List<string> Read(string message, TokenLimits? limits = null)
    {
        var tokens = new MessageTokens(limits);
        tokens.Read(Encoding.UTF8.GetBytes(message));
        List<string> found = [];
        foreach (var group in Enum.GetValues<FeatureGroup>())
        {
            for (var i = 0; i < tokens.Of(group).Length; i++)
            {
                var feature = tokens.Describe(group, i);
                found.Add($"{feature.Kind} {feature.Text}");
            }
        }

        return found;
    }
}
