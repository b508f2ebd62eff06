"""The names that a variable must not have, because Job itself uses them.

Source: Nautobot's reserved attribute names and the names that its run form takes; a variable so
named would break the job without a word.
"""

from __future__ import annotations

RESERVED_NAMES = frozenset(
    """
    after_return as_execution_form as_form as_form_class before_start celery_kwargs class_path
    class_path_dotted class_path_js_escaped console_log_default create_file description
    description_first_line deserialize_data dryrun_default fail field_order file_path grouping
    has_sensitive_variables hidden is_singleton job_model job_result load_json load_yaml logger
    name on_failure on_retry on_success prepare_job_kwargs properties_dict read_only
    registered_name request run serialize_data singleton_cache_key soft_time_limit
    supports_dryrun task_queues template_name time_limit user validate_data progress Meta
    approval_required _failed _failure_message _report _get_vars _get_file_vars
    _profile _console_log _job_queue _task_queue _ignore_singleton_lock _schedule_type
    _schedule_name _schedule_start_time _recurrence_custom_time _return_url
    """.split()  # noqa: SIM905 (a list of 64 quoted names is harder to compare with its source)
)
