using System.Buffers;
using System.Net;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Message;

public class Header_writing
{
    [Fact]
    public void Gives_one_field_whatever_the_values_hold()
    {
        var values = from octets in Properties.Bytes("a b\r\n\0:;<>()\"\\=?", 300) select Octets.Show(octets);
        Properties.Holds(values, value =>
        {
            var output = new ArrayBufferWriter<byte>();
            HeaderWriter.Unstructured(output, "Subject", value);
            HeaderWriter.Structured(output, "X-One", [value, value]);
            HeaderWriter.Structured(output, "X-Two", [value], utf8: true);
            new ReceivedField { HeloName = value, ClientName = value, By = value, With = value, Id = value, Tls = value, ClientAddress = IPAddress.Loopback, Time = DateTimeOffset.UnixEpoch }.WriteTo(output, utf8: true);
            output.Write("\r\nbody"u8);
            MessageHeader header = MessageHeader.Read(output.WrittenSpan);
            Assert.Equal((4, 0, 1, HeaderEnd.EmptyLine, output.WrittenCount - 4), (header.Fields, header.Malformed, header.ReceivedCount, header.End, header.BodyOffset));
        });
    }

    [Fact]
    public void Of_received_in_place_gives_the_octets_of_the_general_way()
    {
        var values = from octets in Properties.Bytes("a b\r\n\0:;<>()\"\\=?", 150) select Octets.Show(octets);
        Properties.Holds(values, value =>
        {
            var field = new ReceivedField
            {
                HeloName = value, ClientName = value.Length % 2 == 0 ? null : value, By = "mx.example", With = "ESMTPS", Id = value, Tls = value.Length % 3 == 0 ? null : value,
                ClientAddress = value.Length % 2 == 0 ? IPAddress.Parse("2001:db8::1") : IPAddress.Loopback, Time = DateTimeOffset.UnixEpoch.AddDays(value.Length).ToOffset(TimeSpan.FromHours(-9)),
            };
            var (inPlace, general) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
            field.WriteTo(inPlace);
            field.WriteTokens(general, utf8: false);
            Assert.Equal(Octets.Show(general.WrittenSpan), Octets.Show(inPlace.WrittenSpan));
        });
    }

    [Fact]
    public void Of_received_is_as_rfc_5321_says()
    {
        var output = new ArrayBufferWriter<byte>();
        ForwardPath.TryParse("<mary@example.com>"u8, out ForwardPath mary);
        new ReceivedField
        {
            HeloName = "client.example", ClientAddress = IPAddress.Parse("::ffff:192.0.2.7"), ClientName = "host7.client.example", By = "mx.example", With = ReceivedField.Protocol(true, true, false, false), Id = "m_0123456789",
            For = mary, Tls = "TLS1.3 TLS_AES_256_GCM_SHA384", Time = new DateTimeOffset(2026, 11, 23, 0, 1, 43, TimeSpan.FromHours(9)),
        }.WriteTo(output);
        Assert.Equal(
            "Received: from client.example (host7.client.example [192.0.2.7])\r\n by mx.example (TLS1.3 TLS_AES_256_GCM_SHA384) with ESMTPS id m_0123456789\r\n for <mary@example.com>; Mon, 23 Nov 2026 00:01:43 +0900\r\n",
            Octets.Show(output.WrittenSpan));
    }

    [Theory]
    [InlineData(false, false, false, false, "SMTP")]
    [InlineData(true, false, false, false, "ESMTP")]
    [InlineData(true, true, false, false, "ESMTPS")]
    [InlineData(true, true, false, true, "ESMTPSA")]
    [InlineData(true, false, true, false, "UTF8SMTP")]
    [InlineData(true, true, true, false, "UTF8SMTPS")]
    [InlineData(true, true, true, true, "UTF8SMTPSA")]
    public void Of_received_names_the_protocol(bool extended, bool tls, bool utf8, bool authenticated, string word) => Assert.Equal(word, ReceivedField.Protocol(extended, tls, utf8, authenticated));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:")]
    [InlineData("a\r\nb")]
    public void Refuses_a_name_that_is_none(string name) =>
        Assert.Throws<ArgumentException>(() => HeaderWriter.Unstructured(new ArrayBufferWriter<byte>(), name, "x"));
}
