using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Tests.Protocols.Net.Radius;

public class Radius_names
{
    [Theory]
    [InlineData("bob", "bob", null, true)]
    [InlineData("joe@example.com", "joe", "example.com", true)]
    [InlineData("@example.com", "", "example.com", true)]
    [InlineData("fred$@example.com", "fred$", "example.com", true)]
    [InlineData("a@b@example.com", "a@b", "example.com", false)]
    [InlineData("fred@example", "fred", "example", false)]
    [InlineData("fred@example_9.com", "fred", "example_9.com", false)]
    [InlineData("fred..x@example.com", "fred..x", "example.com", false)]
    [InlineData("fred@-x.com", "fred", "-x.com", false)]
    [InlineData("", "", null, false)]
    [InlineData("@", "", "", false)]
    [InlineData("eng%nancy@example.net", "eng%nancy", "example.net", true)]
    public void Are_split_at_the_last_at_sign(string name, string user, string? realm, bool isValid)
    {
        var read = NetworkAccessIdentifier.Split(name);
        Assert.Equal((user, realm, isValid, name), (read.User, read.Realm, read.IsValid, read.ToString()));
    }

    [Theory]
    [InlineData(241, true)]
    [InlineData(242, false)]
    public void Have_up_to_253_octets(int user, bool isValid) => Assert.Equal(isValid, NetworkAccessIdentifier.Split(new string('u', user) + "@example.com").IsValid);
}
