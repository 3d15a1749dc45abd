namespace Tsunagi.Scenarios.Browser;

/// <summary>One demo for all classes that look at it in a browser, one after the other: its start costs more than what they do with it.</summary>
[CollectionDefinition(Name)]
public sealed class SharedDemo : ICollectionFixture<DemoProcess>
{
    public const string Name = "demo in a browser";
}
