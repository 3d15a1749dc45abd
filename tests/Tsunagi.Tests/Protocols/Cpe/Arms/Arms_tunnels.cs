using System.Buffers;
using System.Text;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Cpe.Arms;

public class Arms_tunnels
{
    [Theory]
    [InlineData("4;echo-request;trail\r\necho\r\n", TunnelChunkKind.EchoRequest, null, true)]
    [InlineData("4;echo;trail\r\necho\r\n", TunnelChunkKind.EchoRequest, null, true)]
    [InlineData("4;echo-response;trail\r\necho\r\n", TunnelChunkKind.EchoResponse, null, true)]
    [InlineData("4;id=2062069460;trail\r\nping\r\n", TunnelChunkKind.Message, 2062069460, true)]
    [InlineData("4;id=7\r\nping\r\n", TunnelChunkKind.Message, 7, false)]
    [InlineData("4 ; id=7 ; other=\"x\"\r\nping\r\n", TunnelChunkKind.Message, 7, false)]
    [InlineData("0\r\n\r\n", TunnelChunkKind.End, null, false)]
    public void Chunks_are_read_with_their_marks(string text, TunnelChunkKind kind, int? id, bool trail)
    {
        var buffer = new ReadOnlySequence<byte>(Octets.Of(text + "rest"));
        Assert.Equal(TunnelRead.Ok, TunnelFraming.TryRead(ref buffer, 100, out TunnelChunk? chunk, out _));
        Assert.Equal((kind, id, trail), (chunk!.Kind, chunk.Id, chunk.IsTrail));
        Assert.Equal("rest", Encoding.ASCII.GetString(buffer));
    }

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("\r\n")]
    [InlineData("4\r\nechoxx")]
    public void What_is_no_chunk_is_refused(string text)
    {
        var buffer = new ReadOnlySequence<byte>(Octets.Of(text));
        Assert.Equal(TunnelRead.Bad, TunnelFraming.TryRead(ref buffer, 100, out _, out string problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void A_chunk_cut_anywhere_waits_for_more_and_is_left_alone()
    {
        byte[] octets = TunnelFraming.Write(new TunnelChunk(TunnelChunkKind.Message, 815, IsTrail: true, Octets.Of("<arms-message/>")));
        Assert.Equal("f;id=815;trail\r\n<arms-message/>\r\n", Encoding.ASCII.GetString(octets));
        for (int i = 0; i < octets.Length; i++)
        {
            var part = new ReadOnlySequence<byte>(octets, 0, i);
            Assert.Equal(TunnelRead.NeedMore, TunnelFraming.TryRead(ref part, 100, out _, out _));
            Assert.Equal(i, part.Length);
        }
    }

    [Fact]
    public void At_a_limit_is_read_and_one_past_it_refused()
    {
        byte[] octets = TunnelFraming.Write(new TunnelChunk(TunnelChunkKind.Message, 1, IsTrail: true, new byte[100]));
        var buffer = new ReadOnlySequence<byte>(octets);
        Assert.Equal(TunnelRead.Bad, TunnelFraming.TryRead(ref buffer, 99, out _, out _));
        Assert.Equal(TunnelRead.Ok, TunnelFraming.TryRead(ref buffer, 100, out _, out _));
        buffer = new ReadOnlySequence<byte>(Octets.Of(new string('1', TunnelFraming.LongestLine)));
        Assert.Equal(TunnelRead.NeedMore, TunnelFraming.TryRead(ref buffer, 100, out _, out _));
        buffer = new ReadOnlySequence<byte>(Octets.Of(new string('1', TunnelFraming.LongestLine + 1)));
        Assert.Equal(TunnelRead.Bad, TunnelFraming.TryRead(ref buffer, 100, out _, out _));
    }

    [Theory]
    [InlineData("line-pppoe {\n ifindex 0;\n account a@b;\n password p;\n};\n", "line-pppoe", 3)]
    [InlineData("line-ra {\n ifindex: 0;\n};", "line-ra", 1)]
    [InlineData("rs-certificate {\nPEM\n};\nline-dhcp{};", "line-dhcp", 0)]
    public void Locations_are_read(string text, string type, int parameters)
    {
        Assert.True(LocationConfig.TryParse(text, out LocationConfig? config));
        Assert.Equal((type, parameters), (config!.Line.Type, config.Line.Parameters.Count));
        Assert.True(LocationConfig.TryParse(config.Write(), out LocationConfig? again));
        Assert.Equal(config.Write(), again!.Write());
    }

    [Theory]
    [InlineData("")]
    [InlineData("line-dhcp")]
    [InlineData("line-dhcp {")]
    [InlineData("line-dhcp { ifindex };")]
    [InlineData("line-dhcp { ifindex; };")]
    [InlineData("line-dhcp { : 0; };")]
    [InlineData("other { };")]
    [InlineData("line-dhcp {}; line-dhcp {};")]
    [InlineData("rs-certificate { PEM };")]
    public void Texts_that_are_none_are_refused(string text) => Assert.False(LocationConfig.TryParse(text, out _));
}
