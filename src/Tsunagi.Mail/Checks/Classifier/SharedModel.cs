using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Nodes;
using Tsunagi.Mail.Classify;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Checks.Classifier;

/// <summary>
/// The provider's model, as <c>tsunagi mail train</c> wrote it: read at the start, and again when the file is another. One that cannot be read is told by an event, once for each
/// reason, and the model there was stays; an error of the disk is tried again, since it may pass without the file being another.
/// </summary>
/// <param name="outages">Takes what operators are told; null where there are none, as in a proof.</param>
internal sealed partial class SharedModel(FilterOptions options, Node node, TimeProvider time, ICheckOutages? outages, ILogger<SharedModel> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private readonly string _path = options.ClassifierModel.Length == 0 ? "" : Path.Combine(node.DataDirectory, options.ClassifierModel);
    private volatile LinearModel? _model;
    private (DateTime Written, long Length) _seen;
    private string? _unreadable;

    /// <summary>False where none is wanted.</summary>
    public bool IsSetUp => _path.Length > 0;

    /// <summary>The model of this moment; null while there is none.</summary>
    public LinearModel? Current => _model;

    /// <summary>Reads the file if it is another than the one seen last.</summary>
    public void Load()
    {
        try
        {
            var file = new FileInfo(_path);
            if (!file.Exists || _seen == (file.LastWriteTimeUtc, file.Length))
            {
                return;
            }

            var seen = (file.LastWriteTimeUtc, file.Length);
            if (file.Length > ModelPath.MaxBytes)
            {
                TellUnreadable("it is longer than a model may be");
            }
            else if (ModelFile.TryRead(File.ReadAllBytes(_path), out var model, out var problem))
            {
                _model = model;
                _unreadable = null;
                outages?.Readable(options.ClassifierModel);
                LogRead(log, _path, model!.Spam, model.Ham);
            }
            else
            {
                TellUnreadable(problem);
            }

            // Only now: whoever could not read it reads it again, whoever knows what it is does not.
            _seen = seen;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TellUnreadable(e.Message);
        }
    }

    private void TellUnreadable(string why)
    {
        outages?.Unreadable(options.ClassifierModel, why);
        if (_unreadable != why)
        {
            _unreadable = why;
            LogUnreadable(log, _path, why);
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsSetUp)
        {
            Load();
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (IsSetUp)
            {
                await Task.Delay(LookEvery, time, stoppingToken);
                Load();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    [LoggerMessage(2521, LogLevel.Information, "the classifier's model {Path} is read: trained with {Spam} spam and {Ham} wanted messages")]
    private static partial void LogRead(ILogger log, string path, int spam, int ham);

    [LoggerMessage(2522, LogLevel.Warning, "the classifier's model {Path} cannot be read ({Why}); the one before stays")]
    private static partial void LogUnreadable(ILogger log, string path, string why);
}
