namespace Tsunagi.Proofs;

/// <summary>Tells a person on the terminal what a claim is doing; silent when the output is not a terminal.</summary>
public sealed class Progress
{
    private readonly bool _shown = !Console.IsErrorRedirected;

    /// <summary>How many times its least numbers a claim that draws its trials is to try; <c>--times N</c>.</summary>
    public int Times { get; init; } = 1;

    public void Say(string doing)
    {
        if (_shown)
        {
            Console.Error.WriteLine($"  … {doing}");
        }
    }
}
