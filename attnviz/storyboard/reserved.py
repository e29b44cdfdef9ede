"""Names that a verb cannot have, because it would override an attribute of the stage.

They are listed here because storyboards are checked without importing Manim; a test keeps the lists equal to the
attributes of Manim's `Scene` and of `Stage`.
"""

from __future__ import annotations

SHOT_KEYS = frozenset({"id", "say", "claim", "hold", "figure"})

SCENE_NAMES = frozenset(
    """
    add add_foreground_mobject add_foreground_mobjects add_mobjects_from_animations add_sound add_subcaption
    add_updater always_update_mobjects animations begin_animations bring_to_back bring_to_front camera
    camera_class camera_target check_interactive_embed_is_valid clear compile_animation_data compile_animations
    dearpygui_imported duration embed file_writer_settings foreground_mobjects get_attrs
    get_mobject_family_members get_moving_and_static_mobjects get_moving_mobjects get_restructured_mobject_list
    get_run_time get_time_progression get_top_level_mobjects interact interactive_embed interactive_mode
    is_current_animation_frozen_frame key_to_function_map last_t manager meshes mobjects
    mouse_drag_orbit_controls mouse_press_callbacks mouse_scroll_orbit_controls moving_mobjects next_section
    on_key_press on_key_release on_mouse_drag on_mouse_motion on_mouse_press on_mouse_scroll output_plan pause
    play play_internal queue random_seed remove remove_foreground_mobject remove_foreground_mobjects
    remove_updater render renderer replace restructure_mobjects session_spec set_key_function
    should_update_mobjects skip_animation_preview skip_animations static_mobjects stop_condition time
    time_progression update_meshes update_mobjects update_self update_to_time updaters validate_run_time wait
    wait_until widgets
    """.split()  # noqa: SIM905
)
STAGE_NAMES = frozenset(
    """
    answers arrival beat_times beats begin_shot beside_title brought carried clear_stage column_vectors
    default_sentence derived end_shot experiments focus_word formula has hold labels name needs_arrays
    needs_sentence needs_steps newcomers number numbers own perform phrase places plays pointing_times prose read
    read_table receipts_now refuse rest rest_of sentence_chips sentence_names sentence_text take_over times
    title_written tokens trace_fact traces_read word_color writes_sentence writes_words written_word
    """.split()  # noqa: SIM905
)


def taken_by(verb: str) -> str | None:
    """Return a message saying what already has the name of a verb; None if the name is free."""
    if verb in SCENE_NAMES:
        return f"a verb cannot be called '{verb}': manim's Scene has a method or attribute of that name"
    if verb in STAGE_NAMES:
        return f"a verb cannot be called '{verb}': Stage has a method or attribute of that name"
    return None
